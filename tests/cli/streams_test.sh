# Whatever becomes of stdout and stderr: exit 0, 1 or 2, never a signal; no other file takes a closed stream's place.
expect_exit 0 "$MUDRA" help --json
grep -oE '"command": "[a-z ]+"' out | sed -E 's/.*: "(mudra ?)?(.*)"/\2/' | sed '/^$/d' >commands
[ "$(wc -l <commands)" -ge 14 ] || { cat commands >&2; fail "these are not all commands"; }

# exit_of WANT SHELL-WORDS: the program's exit code with these redirections.
exit_of() {
  local want=$1 got=0
  bash -c "ulimit -c 0; $2" >>said 2>&1 || got=$?
  [ "$got" = "$want" ] || { tail -3 said >&2; fail "exit $got instead of $want: $2"; }
}

while read -r command; do
  for bad in '2>/dev/full' '2>&-' '2>/dev/full >/dev/full' '2>&- >&-'; do
    exit_of 2 "'$MUDRA' $command --no-such-option $bad"
  done
  for bad in '>/dev/full' '>&-'; do
    exit_of 1 "'$MUDRA' $command --help $bad"
    exit_of 1 "'$MUDRA' $command --help $bad 2>/dev/full"
  done
  exit_of 0 "'$MUDRA' $command --help 2>&-"
done <commands

# Files that are missing: an error that nobody hears.
for words in "data info no" "data prepare no --out x.npz" "train --data no --out x" "evaluate no --data no" \
             "predict no no" "export no --out x --data no" "inspect no" "quantize no --data no --out x.espdl" \
             "analyze no no --data no" "replay no" "deploy no --out x" "monitor --port no" "capture --port no --person x --out y" \
             "reproduce --out x --data no" "help no"; do
  for bad in '2>/dev/full' '2>&-' '2>&- >&-'; do exit_of 1 "'$MUDRA' $words $bad"; done
done

# What a command says by the way is lost, what it makes is not.
exit_of 0 "'$MUDRA' data synth --out hands --per-class 1 --people 2 2>/dev/full"
exit_of 0 "'$MUDRA' data synth --out hands2 --per-class 1 --people 2 2>&- >&-"
diff -r hands hands2
for bad in '2>/dev/full' '2>&-'; do
  rm -rf run
  exit_of 0 "'$MUDRA' train --data synthetic:16 --epochs 1 --batch 8 --out run $bad"
  [ -s run/model.pth ] || fail "no model with $bad"
done
exit_of 1 "'$MUDRA' data info hands >/dev/full"

# A reader that has left is no error to talk about.
{ "$MUDRA" help --man 2>err || [ $? = 1 ]; } | true
[ ! -s err ] || { cat err >&2; fail "there was something to say to nobody"; }

# A file at its size limit is an error of the write: one line, nothing left.
expect_exit 1 bash -c "ulimit -f 8; '$MUDRA' data prepare hands --out big.npz"
expect_one_line "big.npz: File too large"
[ -z "$(ls | grep -E 'big|tmp')" ] || fail "something was left"

# A terminal that is closed saves the training, as Ctrl-C does; under nohup it goes on.
"$MUDRA" train --data synthetic:4000 --epochs 50 --out long 2>err >/dev/null &
child=$!
until [ -s long/checkpoint.npz ] || ! kill -0 "$child"; do sleep 0.05; done
kill -HUP "$child"
code=0
wait "$child" || code=$?
[ "$code" = 1 ] || { cat err >&2; fail "exit $code after SIGHUP"; }
expect_text err "all is saved"
