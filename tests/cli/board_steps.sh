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

monitor() { "$MUDRA" monitor --port "$PWD/tty" "$@"; }
