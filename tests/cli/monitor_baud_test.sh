# The rate of the line: 1,000,000 baud where it does that, and 115200 again when the monitor ends, dies, or loses the board.
source "$MUDRA_SOURCE/tests/cli/board_steps.sh"
"$MUDRA_GESTURE_MODEL" gesture.espdl
"$MUDRA" data synth --out hands --per-class 1 --seed 5 >/dev/null 2>&1
hands=(hands/*/*/*.png)
start_board tty --model gesture.espdl

# slow_help ATTEMPTS: a program that knows 115200 baud alone gets an answer, saying it again each second.
slow_help() {
  /usr/bin/python3 - "$PWD/tty" "$1" <<'END' || fail "no answer at 115200 baud: $2"
import os, select, sys, termios, time, tty
port = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
tty.setraw(port)
settings = termios.tcgetattr(port)
settings[4] = settings[5] = termios.B115200
termios.tcsetattr(port, termios.TCSANOW, settings)
got = b""
for attempt in range(int(sys.argv[2])):
    os.write(port, b"\nhelp\n")
    end = time.monotonic() + (20 if attempt + 1 == int(sys.argv[2]) else 1)
    while time.monotonic() < end:
        if select.select([port], [], [], 0.1)[0]:
            got += os.read(port, 4096)
        if b"\nok help" in got:
            sys.exit(0)
sys.exit(1)
END
}
rate() { stty -F "$PWD/tty" speed; }
monitor_in_background() {
  "$MUDRA" monitor --port tty --bench 1000000 >out 2>err &
  client=$!
  for _ in $(seq 500); do
    [ "$(rate)" = 1000000 ] && [ "$(grep -c engine out)" -gt 0 ] && return
    kill -0 $client 2>/dev/null || { cat err >&2; fail "the monitor ended"; }
    sleep 0.02
  done
  fail "the rate is $(rate)"
}

# It ends, and whoever comes next needs to know nothing.
for _ in $(seq 10); do
  expect_exit 0 monitor --model gesture.espdl "${hands[@]}" --json
  [ ! -s err ] || { cat err >&2; fail "something was said on stderr"; }
  [ "$(rate)" = 115200 ] || fail "the rate is left at $(rate)"
  slow_help 1 "after the monitor's end"
done

# It is interrupted, or dies.
for signal in INT KILL INT KILL KILL; do
  monitor_in_background
  kill -$signal $client
  wait $client 2>/dev/null && fail "a signal ended nothing"
  slow_help 5 "after SIG$signal"
  expect_exit 0 monitor --model gesture.espdl "${hands[0]}"
done
for _ in $(seq 5); do
  monitor_in_background
  kill -KILL $client
  wait $client 2>/dev/null || true
  expect_exit 0 monitor --model gesture.espdl "${hands[0]}"
done

# A line that cannot do it: 115200, and nobody has to know.
start_board slow_tty --model gesture.espdl --most-baud 115200
expect_exit 0 "$MUDRA" monitor --port slow_tty --model gesture.espdl "${hands[@]}" --selftest --bench 5
[ ! -s err ] || { cat err >&2; fail "something was said on stderr"; }
[ "$(stty -F "$PWD/slow_tty" speed)" = 115200 ] || fail "the rate is not the one that works"

# On USB no rate matters.
start_board uart_tty --usb-link "$PWD/usb_tty" --model gesture.espdl
until [ -e usb_tty ]; do sleep 0.02; done
for rate in 9600 115200 921600; do
  stty -F usb_tty $rate
  expect_exit 0 "$MUDRA" monitor --port usb_tty --model gesture.espdl "${hands[0]}"
done
