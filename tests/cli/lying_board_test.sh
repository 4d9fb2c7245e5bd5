# A board whose every text is hostile: shown, never obeyed, and never more lines than there are; and a board whose self-test
# or bench is not what it should be: exit 1.
"$MUDRA" data synth --out hands --per-class 1 --seed 5 >/dev/null 2>&1
hand=$(ls hands/*/*/*.png | head -n 1)

# board OPTION=VALUE...: on ./tty, until silence.
board() {
  rm -f tty
  /usr/bin/python3 "$MUDRA_SOURCE/tests/cli/lying_board.py" tty "$@" 2>board.log &
  liar=$!
  trap 'kill $liar 2>/dev/null || true' EXIT
  until [ -L tty ]; do
    kill -0 $liar 2>/dev/null || fail "no board: $(cat board.log)"
    sleep 0.02
  done
}
silence() {
  kill $liar
  wait $liar 2>/dev/null || true
}

# What a plain name makes of lines, others make too.
all=("$hand" --bench 5 --selftest --memory --stream --frames 1 --verbose)
names=('\x1b[31mX' '\xc2\x9b31m' 'a\nmudra:' 'a\r\nb' '\x00\x07\x08\x7f' '\xe2\x80\xaeabc' '\xe2\x80\xa8b' '<b>&"x' '\xff\xc2')
board 'name=x'
said 0 "$MUDRA" monitor --port tty "${all[@]}"
lines=$(wc -l <out)
silence
for name in "${names[@]}"; do
  board "name=$name"
  said 0 "$MUDRA" monitor --port tty "${all[@]}"
  [ "$(wc -l <out)" = "$lines" ] || { cat out >&2; fail "'$name' makes lines of its own"; }
  said 0 "$MUDRA" monitor --port tty --json "${all[@]}"
  LC_ALL=C grep -q '[^ -~]' out && fail "JSON is not ASCII"
  silence
  board "name=$name" differs=yes
  said 1 "$MUDRA" monitor --port tty --selftest
  expect_text out "DIFFERS"
  silence
  for command in bench selftest; do
    board "name=$name" refuses=$command
    said 1 "$MUDRA" monitor --port tty --bench 5 --selftest
    expect_one_line "tty: the board says: "
    silence
  done
done

# tests SAID: the exit and the one line of --selftest on a board that is so.
tests() {
  local said=$1
  shift
  board "$@"
  expect_exit 1 "$MUDRA" monitor --port tty --selftest
  expect_one_line "$said"
  silence
}
tests "the self-test found outputs that are not the recorded ones" differs=yes
tests "the self-test ran 0 of the model's 2 recorded inputs" ran=
tests "the self-test ran 1 of the model's 2 recorded inputs" ran=0
tests "the self-test ran 1 of the model's 2 recorded inputs" ran=1,1
tests "the self-test ran 2 of the model's 3 recorded inputs" tests=3 engines=mudra,esp-dl
for bench in "bench=" "bench=mudra runs=0"; do
  # shellcheck disable=SC2086
  board $bench
  expect_exit 1 "$MUDRA" monitor --port tty --bench 5
  expect_one_line "the board measured no run"
  silence
done

# Pictures that are not what the board says of them: asked for again, then one line and no file.
for lie in "size:9216 bytes are not 97 x 96 pixels" "huge:is no picture" "crc:its checksum is wrong" "short:it ended early" \
           "none:the board sent none"; do
  board "picture=${lie%%:*}"
  expect_exit 1 "$MUDRA" monitor --port tty --snap lie.png
  grep -q "the board's picture: .*${lie#*:}.* (3 attempts)" err || { cat err >&2; fail "picture=${lie%%:*} is not said"; }
  [ ! -e lie.png ] || fail "picture=${lie%%:*} left a file"
  silence
done
for lie in "damaged:a line of the answer was damaged (3 attempts)" "endless:no answer within 0.5 s"; do
  board "picture=${lie%%:*}"
  expect_exit 1 "$MUDRA" monitor --port tty --patience 0.5 --snap lie.png
  expect_text err "${lie#*:}"
  [ ! -e lie.png ] || fail "picture=${lie%%:*} left a file"
  silence
done
for lie in none crc damaged endless; do
  board picture=$lie frames=20
  expect_exit 1 "$MUDRA" capture --port tty --label fist --person ana --out lies --count 3
  grep -qE "the board's pictures: .*10 in a row|the board sends data without end" err || { cat err >&2; fail "$lie"; }
  [ ! -e lies ] || fail "picture=$lie was kept"
  silence
done

# A class of the board's becomes no path that it should not be.
for name in '../x' '/tmp/x' '.x' 'a/b' ''; do
  board "name=$name" frames=20
  expect_exit 1 "$MUDRA" capture --port tty --person ana --out hostile --count 1
  expect_one_line "the class "
  [ ! -e hostile ] && [ ! -e x ] || fail "'$name' became a path"
  silence
done
