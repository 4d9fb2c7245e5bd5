# A port on which something else speaks, endlessly: one clear line and exit 1, whatever was asked of it.
"$MUDRA" data synth --out hands --per-class 1 --seed 5 >/dev/null 2>&1
hand=$(ls hands/*/*/*.png | head -n 1)

# talk BYTES: says them again and again on ./tty, reading nothing of what it is sent.
talk() {
  /usr/bin/python3 - "$1" <<'PY' &
import os, pty, sys, time, tty
board, terminal = pty.openpty()
tty.setraw(terminal)
os.symlink(os.ttyname(terminal), "tty")
while True:
    os.write(board, sys.argv[1].encode("latin-1").decode("unicode_escape").encode("latin-1"))
    time.sleep(0.01)
PY
  talker=$!
  trap 'kill $talker 2>/dev/null || true' EXIT
  until [ -e tty ]; do sleep 0.02; done
}
silence() {
  kill $talker
  wait $talker 2>/dev/null || true
  rm tty
}

talk 'invalid header: 0xffffffff\r\n'
for options in "" "$hand" "--bench 5" "--selftest" "--stream --frames 3" "--memory --json"; do
  expect_exit 1 "$MUDRA" monitor --port tty --patience 0.3 $options
  expect_one_line "mudra: monitor: tty: no answer within 0.3 s; heard instead \"invalid header: 0xffffffff\": nothing is flashed"
  [ ! -s out ] || fail "something was printed"
done
silence
talk '\xff\xfe\x93\x80\x9b31m\xc2\x9b'
expect_exit 1 "$MUDRA" monitor --port tty --patience 0.3
expect_one_line "another baud rate than 115200"
[ -z "$(tr -d '\40-\176\n' <err)" ] || fail "bytes of the port reached the terminal"
silence
