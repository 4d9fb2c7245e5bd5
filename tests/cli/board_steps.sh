# Boards for the behaviour scripts: the firmware itself, on a pseudo-terminal of this PC.

boards=()
stop_boards() {
  for board in "${boards[@]}"; do kill "$board" 2>/dev/null || true; done
  wait 2>/dev/null || true
}
trap stop_boards EXIT

# start_board NAME OPTION...: the terminal is ./NAME, the process in $board.
start_board() {
  local name=$1
  shift
  "$MUDRA_BOARD" --link "$PWD/$name" "$@" >"$name.log" 2>&1 &
  board=$!
  boards+=("$board")
  for _ in $(seq 200); do
    [ -e "$name" ] && return
    kill -0 "$board" 2>/dev/null || fail "the board did not start: $(cat "$name.log")"
    sleep 0.05
  done
  fail "the board opened no terminal"
}

# start_on SOCKET OPTION...: a board of which ./tty is that socket, uart or usb.
start_on() {
  local socket=$1
  shift
  if [ "$socket" = uart ]; then
    start_board tty "$@"
  else
    start_board uart_tty --usb-link "$PWD/tty" "$@"
    for _ in $(seq 200); do [ -e tty ] && return; sleep 0.05; done
    fail "the board has no USB"
  fi
}

# rates_during COMMAND...: runs it, with ./out and ./err, and prints which rates ./tty had meanwhile; exits as it does.
rates_during() {
  /usr/bin/python3 - "$PWD/tty" "$@" <<'END'
import os, subprocess, sys, termios, time
port = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
names = {termios.B115200: 115200, termios.B1000000: 1000000}
client = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL, stdout=open("out", "w"), stderr=open("err", "w"))
seen = set()
while client.poll() is None:
    seen.add(names[termios.tcgetattr(port)[5]])
    time.sleep(0.0005)
print(*sorted(seen))
sys.exit(client.returncode)
END
}

monitor() { "$MUDRA" monitor --port "$PWD/tty" "$@"; }
