# Faults in the middle of a transfer, on each socket: afterwards the board has the old model or the new one, whole, and
# the next `monitor` and `send` work.
source "$MUDRA_SOURCE/tests/cli/board_steps.sh"
"$MUDRA_GESTURE_MODEL" old.espdl tests=6
"$MUDRA_GESTURE_MODEL" new.espdl tests=7
"$MUDRA" data synth --out hands --per-class 1 --seed 5 >/dev/null 2>&1
hands=(hands/*/*/*.png)
/usr/bin/python3 -c 'open("camera.pgm", "wb").write(b"".join(b"P5 96 96 255\n" + bytes([shade]) * 9216 for shade in range(0, 250, 10)))'
RANDOM=14  # the moments are the same each time, as far as a PC keeps time

other() { [ "$1" = old.espdl ] && echo new.espdl || echo old.espdl; }
send() { "$MUDRA" send --port "$PWD/tty" "$@"; }
# moment: some time that a transfer takes.
moment() { sleep "$(printf '0.%03d' $((RANDOM % transfer_ms)))"; }
# begin [PATIENCE]: the model that the board has not is on its way, once in three times not yet at the faster rate.
begin() {
  "$MUDRA" send --port "$PWD/tty" --patience "${1:-1}" "$(other $now)" >sent 2>said &  # no function: its shell would be what is killed
  client=$!
  if [ $((faults % 3)) != 0 ]; then
    until [ "$(stty -F tty speed)" = 1000000 ]; do kill -0 $client 2>/dev/null || break; done
  fi
}
# ends [CODE]: by itself, and with a clear line if it gave up.
ends() {
  local got=0
  wait $client 2>/dev/null || got=$?
  [ "$got" -le 1 ] || [ "$got" = "${1:-}" ] || { cat said >&2; fail "exit $got"; }
  [ "$got" != 1 ] || tail -n 1 said | grep -q '^mudra: ' || { cat said >&2; fail "no clear line"; }
  [ "$got" != 1 ] || gave_up=$((gave_up + 1))
  retries=$((retries + $(grep -c 'trying again' said || true)))
}
# usable: which of the two models the board has, and every other time that it takes the other one at once.
usable() {
  faults=$((faults + 1))
  expect_exit 0 monitor --selftest --json
  local bytes
  bytes=$(sed -n '/"model"/,/}/s/.*"bytes": \([0-9]*\).*/\1/p' out | head -n 1)
  if [ "$bytes" = "$(stat -c %s "$(other $now)")" ]; then
    now=$(other $now) had_new=$((had_new + 1))
  else
    [ "$bytes" = "$(stat -c %s $now)" ] || fail "a model of $bytes bytes"
    had_old=$((had_old + 1))
  fi
  [ $((faults % 2)) = 0 ] || return 0
  expect_exit 0 send "$(other $now)"
  now=$(other $now)
}
# disturb BYTES|RATE: once the line is at the faster rate, noise, what another program says, or its rate, three times.
disturb() {
  rm -f disturbs
  /usr/bin/python3 - "$1" $RANDOM "$transfer_ms" <<'END' &
import os, random, sys, termios, time
port = os.open("tty", os.O_RDWR | os.O_NOCTTY)
said, moments, span = sys.argv[1], random.Random(int(sys.argv[2])), int(sys.argv[3]) / 3000
open("disturbs", "w")
end = time.monotonic() + 20
while termios.tcgetattr(port)[5] != termios.B1000000 and time.monotonic() < end:
    time.sleep(0.0005)
for _ in range(3):
    time.sleep(moments.random() * span)
    if said.isdigit():
        settings = termios.tcgetattr(port)
        settings[4] = settings[5] = getattr(termios, "B" + said)
        termios.tcsetattr(port, termios.TCSANOW, settings)
    else:
        os.write(port, said.encode("latin-1").decode("unicode_escape").encode("latin-1"))
END
  disturber=$!
  until [ -e disturbs ]; do sleep 0.01; done
}
hangs() { kill -STOP "$board"; }
goes_on() { kill -CONT "$board"; }

# faults_on SOCKET
faults_on() {
  faults=0 had_old=0 had_new=0 gave_up=0 retries=0 now=old.espdl
  rm -f flash
  start_on "$1" --model old.espdl --flash flash --camera camera.pgm
  expect_exit 0 send new.espdl --json
  transfer_ms=$(/usr/bin/python3 -c 'import json; print(min(300, 1 + round(1000 * json.load(open("out"))["seconds"])))')
  now=new.espdl

  for what in '\xff\x80\xc1\xfe\x00\xee' '\nhelp\n' '\nmodel 4096 12345678\n' '\nuse\n' ':AAAA\n' "x$(printf '%03000d' 0)" \
    9600 115200 57600; do
    disturb "$what"
    begin
    ends
    wait $disturber
    usable
  done
  for resets in 1 2 3; do
    begin
    moment
    for _ in $(seq $resets); do
      kill -USR1 "$board"
      moment
    done
    ends
    usable
  done
  for _ in 1 2 3; do
    begin
    moment
    kill "$board"
    wait "$board" 2>/dev/null || true
    start_on "$1" --flash flash --camera camera.pgm
    ends
    usable
  done
  for signal in INT KILL TERM KILL; do
    begin
    moment
    kill -$signal $client 2>/dev/null || true
    ends $((128 + $(kill -l $signal)))
    usable
  done
  for patience in 0.3 5; do  # the board hangs, for longer and for less long than the program waits
    begin $patience
    hangs
    [ $patience = 5 ] || ends
    moment
    goes_on
    [ $patience = 0.3 ] || ends
    usable
  done
  expect_exit 0 monitor --model $now "${hands[0]}"
  kill "$board"
  wait "$board" 2>/dev/null || true
  [ $retries -gt 0 ] || fail "no fault was in the middle of anything"
  echo "$1: $faults faults in transfers of $transfer_ms ms: tried again $retries times, $gave_up programs gave up;" \
    "found the old model $had_old times, the new one $had_new times"
}
for socket in uart usb; do faults_on $socket; done
