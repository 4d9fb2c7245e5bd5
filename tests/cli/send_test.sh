# send: another model for a board over its line, or the one that it had, whatever happens on the way.
source "$MUDRA_SOURCE/tests/cli/board_steps.sh"
"$MUDRA_GESTURE_MODEL" old.espdl
"$MUDRA_GESTURE_MODEL" new.espdl classes=6
"$MUDRA_GESTURE_MODEL" wrong.espdl WRONG
"$MUDRA" data synth --out hands --per-class 1 --seed 5 >/dev/null 2>&1
hands=(hands/*/*/*.png)

send() { "$MUDRA" send --port "$PWD/tty" "$@"; }
# has_model FILE: the board runs it, and gives the PC's integers.
has_model() { expect_exit 0 monitor --model "$1" "${hands[0]}" --selftest --json; }
# pull_plug: as SIGKILL does, and the name of its terminal is gone.
pull_plug() {
  kill -KILL "$board" 2>/dev/null || true
  wait "$board" 2>/dev/null || true
  rm -f tty
}

start_board tty --model old.espdl --flash flash
has_model old.espdl
expect_exit 0 send new.espdl
for text in "bytes in " "self-test 2 of mudra: equal" "used from now on: $(stat -c %s new.espdl) bytes" "slot 1, sequence 1"; do
  expect_text out "$text"
done
has_model new.espdl
kill -USR1 "$board"
has_model new.espdl
pull_plug
start_board tty --model old.espdl --flash flash  # what is in the file stays
has_model new.espdl

# At 1,000,000 baud; at 115200 where the line does not do that, and nobody has to know.
send_fast() {  # MODEL
  [ "$(rates_during "$MUDRA" send --port "$PWD/tty" "$1")" = "115200 1000000" ] || { cat err >&2; fail "no faster rate was tried"; }
  [ ! -s err ] || { cat err >&2; fail "something was said on stderr"; }
  [ "$(stty -F "$PWD/tty" speed)" = 115200 ] || fail "the rate is left behind"
  has_model "$1"
}
send_fast old.espdl
send_fast new.espdl
pull_plug
start_board tty --model old.espdl --most-baud 115200
send_fast new.espdl
pull_plug
start_board tty --flash flash

# The same again is there already; another goes where the first one was.
expect_exit 0 send new.espdl --json
/usr/bin/python3 - <<'END' || fail "the JSON document is another"
import json
sent = json.load(open("out"))
assert sent["used"] and sent["blocks"] == 0 and sent["found"] == sent["bytes"] and sent["slot"] == 1
assert [test["passed"] for test in sent["selftest"]] == [True, True]
END
expect_exit 0 send old.espdl --json
/usr/bin/python3 - <<'END' || fail "the JSON document is another"
import json, os
sent = json.load(open("out"))
assert sent["used"] and sent["slot"] == 0 and sent["sequence"] == 4 and sent["found"] == 0
assert sent["model_bytes"] == os.path.getsize("old.espdl") and sent["blocks"] == -(-sent["bytes"] // 4096) and sent["seconds"] > 0
END
has_model old.espdl

# What the board cannot use: it says why and goes on.
expect_exit 1 send wrong.espdl
expect_text out "self-test 2 of mudra: DIFFERS"
expect_one_line "an output differs from the recorded one; it goes on with the model it had, $(stat -c %s old.espdl) bytes"
has_model old.espdl
expect_exit 1 send wrong.espdl --json
/usr/bin/python3 -c 'import json; s = json.load(open("out")); assert not s["used"] and s["refusal"]' || fail "the JSON does not say so"
has_model old.espdl

# What is refused before anything is sent.
head -c 3000 old.espdl >cut.espdl
expect_exit 1 send cut.espdl
expect_one_line "cut.espdl: "
"$MUDRA_GESTURE_MODEL" many.espdl classes=65
expect_exit 1 send many.espdl
expect_one_line "many.espdl: it has 65 classes; the board takes up to 64"
expect_exit 1 send missing.espdl
expect_one_line "missing.espdl"
expect_exit 2 "$MUDRA" send old.espdl
has_model old.espdl
pull_plug
start_board tty --model old.espdl --partition-bytes 40960
expect_exit 1 send new.espdl
expect_one_line "new.espdl: it has "
expect_text err "bytes with its packed weights, a slot of the board's partition of 40960 bytes 16384; flash it"
has_model old.espdl
pull_plug

# Power lost at each erase and write, and the board there again while the program waits: the transfer begins anew.
for cut in 1 2 3 4 9; do
  rm -f flash
  start_board tty --model old.espdl --flash flash --cut-after $cut
  "$MUDRA" send --port "$PWD/tty" new.espdl >out 2>err &
  client=$!
  wait "$board" 2>/dev/null || true
  start_board tty --flash flash
  got=0
  wait $client || got=$?
  [ $got = 0 ] || { cat err >&2; fail "exit $got after power was lost at operation $cut"; }
  has_model new.espdl
  pull_plug
done

# The plug at any moment, and a program that dies: the old model or the new one.
rm -f flash
start_board tty --model old.espdl --flash flash
models=(old.espdl new.espdl)
found_old=0 found_new=0
for i in 1 2 3 4 5 6; do
  next=${models[$((i % 2))]}
  "$MUDRA" send --port "$PWD/tty" "$next" >out 2>err &  # no function: its shell would be what is killed
  client=$!
  sleep 0.0$i
  pull_plug
  kill -KILL $client 2>/dev/null || true
  wait $client 2>/dev/null || true
  start_board tty --flash flash
  expect_exit 0 monitor --selftest --json
  if /usr/bin/python3 -c 'import json, os, sys; sys.exit(json.load(open("out"))["model"]["bytes"] != os.path.getsize(sys.argv[1]))' "$next"; then
    found_new=$((found_new + 1))
  else
    found_old=$((found_old + 1))
    "$MUDRA" send --port "$PWD/tty" "$next" >out 2>err &
    client=$!
    sleep 0.05
    kill -KILL $client 2>/dev/null || true
    wait $client 2>/dev/null || true
    expect_exit 0 send "$next"
  fi
  has_model "$next"
done
echo "power lost during 6 transfers: the old model $found_old times, the new one $found_new times"
