# Noise, torn and damaged lines, resets, a pulled plug, on each socket: a clear message, and a line that works afterwards.
source "$MUDRA_SOURCE/tests/cli/board_steps.sh"
"$MUDRA_GESTURE_MODEL" gesture.espdl
"$MUDRA" data synth --out hands --per-class 1 --seed 5 >/dev/null 2>&1
hands=(hands/*/*/*.png)
works() { expect_exit 0 monitor --model gesture.espdl "${hands[0]}" --json; }

# say BYTES [TEXT]: straight to the board, as noise or another program would; what it answers until TEXT comes is in
# ./answer. Without TEXT a command is said behind the bytes, and its answer ends it.
say() {
  /usr/bin/python3 - "$PWD/tty" "$1" "${2:-}" <<'END' >answer
import os, sys, tty
port = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
tty.setraw(port)
said = sys.argv[2].encode("latin-1").decode("unicode_escape").encode("latin-1")
os.write(port, said if sys.argv[3] else said + b"\nhelp\n")
wanted = (sys.argv[3] or "\nok help").encode()
got = b""
while wanted not in got:
    got += os.read(port, 4096)
sys.stdout.write(got.decode("latin-1"))
END
}

# until_true COMMAND...: waits until it is, for as long as $client lives.
until_true() {
  until "$@"; do
    kill -0 $client 2>/dev/null || { cat err >&2; fail "the program ended before: $*"; }
    sleep 0.02
  done
}
has() { [ "$(grep -c "$2" "$1")" -ge "$3" ]; }

# faults_on SOCKET
faults_on() {
  local socket=$1
  start_on "$socket" --model gesture.espdl
  works

  say '\x00\xff\x80garbage\x07\n'
  expect_text answer "error line code=line text=\"the line cannot be read: the line has bytes that are no text\""
  works
  say "$(head -c 100000 /dev/zero | tr '\0' x)\\n"
  expect_text answer "the line is too long"
  works
  say 'info ~0000\n'
  expect_text answer "its checksum is wrong"
  works
  say 'image gray 100 0\n'
  expect_text answer "code=image_size text=\"the model takes pictures of another size: wanted are 9216 bytes\""
  works
  say 'image gray 9216 0\n:AAAA\n:AAAA\n'
  expect_text answer "code=image_data"
  [ "$(grep -c '^error' answer)" = 1 ] || fail "the rest of a damaged picture was not passed over"
  works
  say 'image gray 9216 0\ninfo\n'
  expect_text answer "code=image_cut"
  works
  say ':AAAA\n:AAAA\n'
  expect_text answer "code=stray_data"
  [ "$(grep -c '^error' answer)" = 1 ] || fail "stray data is refused more than once"
  works
  say 'image gray 9216 0\n' ready  # and then nothing: the next program begins with an empty line
  works
  say 'image gray 9216 0\n' code=image_timeout
  works

  # The reset button during pictures, again and again; so many that only Ctrl-C ends them.
  for i in "${!hands[@]}"; do cp "${hands[$i]}" "$i"; done
  for _ in $(seq 200); do seq 0 $((${#hands[@]} - 1)); done >all
  mapfile -t many <all
  "$MUDRA" monitor --port tty --model gesture.espdl --patience 60 "${many[@]}" >out 2>err &
  client=$!
  for reset in 1 2 3; do
    until_true has out '(mudra, ' $((20 * reset))
    kill -USR1 "$board"
    until_true has err 'the board was reset (external); trying again\|at another rate: it was reset.*; trying again' $reset
  done
  until_true has out '(mudra, ' 80
  kill -INT $client
  wait $client && fail "Ctrl-C came after the last picture"
  ! grep -q DIFFERS out || fail "a reset changed scores"
  sed -n 's/^\([0-9]*\): .*(mudra, .*/\1/p' out >seen
  head -n "$(wc -l <seen)" all | cmp - seen || fail "pictures were lost in resets, or came twice"
  works

  # Ctrl-C in a long bench ends the program at once, and the next one finds a board that listens.
  "$MUDRA" monitor --port tty --bench 1000000 >out 2>err &
  client=$!
  until_true has out 'engine   mudra' 1
  kill -INT $client
  got=0
  wait $client || got=$?
  [ $got = 1 ] || fail "exit $got after Ctrl-C"
  expect_one_line "interrupted"
  works

  # The plug is pulled and another board appears under the same name.
  "$MUDRA" monitor --port tty --bench 1000000 >out 2>err &
  client=$!
  until_true has out 'engine   mudra' 1
  kill "$board"
  wait "$board" 2>/dev/null || true
  start_on "$socket" --model gesture.espdl
  until_true has err 'the port vanished; trying again' 1
  kill -INT $client
  wait $client || true
  expect_text err "the port vanished; trying again"
  works

  # A board that hangs.
  kill -STOP "$board"
  expect_exit 1 monitor --patience 0.3
  expect_text err "no answer within 0.3 s; is it a board with mudra's firmware"
  kill -CONT "$board"
  works
  kill "$board"
  wait "$board" 2>/dev/null || true
}
for socket in uart usb; do faults_on $socket; done
