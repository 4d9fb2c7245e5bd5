# A model over one socket while a monitor or another transfer is on the other: both get on, or one ends with a clear line.
source "$MUDRA_SOURCE/tests/cli/board_steps.sh"
"$MUDRA_GESTURE_MODEL" old.espdl
"$MUDRA_GESTURE_MODEL" new.espdl classes=6
"$MUDRA" data synth --out hands --per-class 1 --seed 5 >/dev/null 2>&1
hands=(hands/*/*/*.png)
/usr/bin/python3 -c 'open("camera.pgm", "wb").write(b"".join(b"P5 96 96 255\n" + bytes([shade]) * 9216 for shade in range(0, 250, 10)))'
for _ in $(seq 100); do many+=("${hands[@]}"); done
start_board uart --usb-link "$PWD/usb" --model old.espdl --camera camera.pgm
until [ -e usb ]; do sleep 0.02; done
busy="a picture or model is coming over the board's other socket"

# ended PROCESS NAME: its exit code is in $got; if it gave up, ./NAME.err ends in a clear line.
ended() {
  got=0
  wait "$1" 2>/dev/null || got=$?
  [ $got = 0 ] && return
  [ $got = 1 ] && tail -n 1 "$2.err" | grep -q '^mudra: ' || { cat "$2.err" >&2; fail "$2 ends with $got and no clear line"; }
}
# stats of a socket, again and again, which change nothing.
ask_stats() {
  exec /usr/bin/python3 - "$1" <<'END'
import os, sys, termios, tty
port = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
tty.setraw(port)
while True:
    os.write(port, b"\nstats\n")
    got = b""
    while b"\nok stats" not in got and b"\nerror" not in got:
        got += os.read(port, 4096)
    assert b"\nok stats" in got, got
END
}

given=0 refused=0 ended_there=0
# beside SOCKET COMMAND...: two models over the other one while this goes on.
beside() {
  local there=$1 here=uart
  shift
  [ "$there" = uart ] && here=usb
  "$@" >there.out 2>there.err &
  local beside=$!
  for _ in $(seq 200); do [ -s there.out ] || [ "$1" = ask_stats ] && break; sleep 0.02; done
  for model in new.espdl old.espdl; do
    "$MUDRA" send --port $here $model >here.out 2>here.err &
    ended $! here
    if [ $got = 0 ]; then given=$((given + 1)); else
      refused=$((refused + 1))
      tail -n 1 here.err | grep -qF "$busy" || { cat here.err >&2; fail "refused for another reason"; }
    fi
  done
  kill -0 $beside 2>/dev/null || ended_there=$((ended_there + 1))
  if [ "$1" = ask_stats ]; then
    kill $beside || { cat there.err >&2; fail "the statistics did not come"; }
    wait $beside 2>/dev/null || true
  else
    kill -INT $beside 2>/dev/null || true
    ended $beside there
  fi
  expect_exit 0 "$MUDRA" send --port $there new.espdl
  expect_exit 0 "$MUDRA" send --port $here old.espdl
}
for socket in uart usb; do
  beside $socket "$MUDRA" monitor --port $socket "${many[@]}"
  beside $socket "$MUDRA" monitor --port $socket --stream
  beside $socket "$MUDRA" monitor --port $socket --bench 1000000
  beside $socket ask_stats $socket
done
echo "beside monitors: $given models given, $refused refused; $ended_there monitors ended"

# Two transfers at once: one at least arrives, and the board has it.
both=0 one=0
for i in 1 2 3 4; do
  "$MUDRA" send --port uart new.espdl >uart.out 2>uart.err &
  first=$!
  "$MUDRA" send --port usb old.espdl >usb.out 2>usb.err &
  second=$!
  ended $first uart
  arrived=$got
  ended $second usb
  case $arrived$got in
    00) both=$((both + 1)) ;;
    01 | 10)
      one=$((one + 1))
      cat uart.err usb.err | tail -n 1 | grep -qF "$busy" || { cat uart.err usb.err >&2; fail "another reason"; }
      ;;
    *) cat uart.err usb.err >&2; fail "neither arrived" ;;
  esac
  expect_exit 0 "$MUDRA" monitor --port uart --selftest
done
echo "two transfers at once: both arrived $both times, one was refused $one times"
