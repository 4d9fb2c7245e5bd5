# Noise, torn and damaged lines, resets, a pulled plug: a clear message, and a line that works afterwards.
source "$MUDRA_SOURCE/tests/cli/board_steps.sh"
"$MUDRA_GESTURE_MODEL" gesture.espdl
"$MUDRA" data synth --out hands --per-class 1 --seed 5 >/dev/null 2>&1
hands=(hands/*/*/*.png)
start_board tty --model gesture.espdl
works() { expect_exit 0 monitor --model gesture.espdl "${hands[0]}" --json; }
works

# say BYTES: straight to the board, as noise or another program would; what it answers within a second is in
# ./answer.
say() {
  /usr/bin/python3 - "$PWD/tty" "$1" <<'END' >answer
import os, select, sys, tty
port = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
tty.setraw(port)
os.write(port, sys.argv[2].encode("latin-1").decode("unicode_escape").encode("latin-1"))
got = b""
while select.select([port], [], [], 0.4)[0]:
    got += os.read(port, 4096)
sys.stdout.write(got.decode("latin-1"))
END
}
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
say 'image gray 9216 0\n'  # and then nothing: the next program begins with an empty line
works
sleep 0.2
say 'image gray 9216 0\n'
sleep 2.5
say '\n'
works

# The reset button during pictures, again and again; so many that they are not over before.
many=()
for _ in $(seq 30); do many+=("${hands[@]}"); done
"$MUDRA" monitor --port tty --model gesture.espdl "${many[@]}" --json >out 2>err &
client=$!
for _ in 1 2 3; do
  sleep 0.3
  kill -USR1 "$board"
done
wait $client || { cat err >&2; fail "pictures did not survive resets"; }
expect_text err "the board was reset (external); trying again"
/usr/bin/python3 -c 'import json, sys; d = json.load(open("out")); assert len(d["images"]) == int(sys.argv[1]) and all(i["equal"] for i in d["images"])' \
  ${#many[@]} || fail "pictures were lost in resets"
works

# Ctrl-C in a long bench ends the program at once, and the next one finds a board that listens.
"$MUDRA" monitor --port tty --bench 1000000 >out 2>err &
client=$!
sleep 0.7
kill -INT $client
got=0
wait $client || got=$?
[ $got = 1 ] || fail "exit $got after Ctrl-C"
expect_one_line "interrupted"
works

# The plug is pulled and another board appears under the same name.
"$MUDRA" monitor --port tty --bench 1000000 >out 2>err &
client=$!
sleep 0.5
kill "$board"
sleep 0.5
start_board tty --model gesture.espdl
for _ in $(seq 100); do grep -q "the port vanished; trying again" err && break; sleep 0.05; done
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
