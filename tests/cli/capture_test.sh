# capture: pictures of a folder and of a board become a set that training takes, with keys and without.
source "$MUDRA_SOURCE/tests/cli/board_steps.sh"
on_terminal() { TERM=xterm-256color COLORTERM=truecolor NO_COLOR= /usr/bin/python3 "$MUDRA_SOURCE/tests/cli/on_terminal.py" "$@"; }
capture() { "$MUDRA" capture "$@"; }

# Twelve pictures, of which two are like the one before; 120 x 100, so that the middle is cut out.
/usr/bin/python3 - <<'END'
import os
os.mkdir("shots")
with open("camera.pgm", "wb") as out:
    for shade in range(20, 220, 20):
        out.write(b"P5 120 100 255\n" + bytes([shade]) * 12000)
END
"$MUDRA" data synth --out hands --per-class 2 --people 1 --without-none --seed 5 >/dev/null 2>&1
i=0
for hand in hands/s000/palm/*.png hands/s000/fist/*.png hands/s000/ok/*.png; do
  cp "$hand" shots/$((i += 1)).png
  [ $i = 2 ] && cp "$hand" shots/$((i += 1)).png
done
shots=$i
[ "$shots" = 7 ] || fail "$shots pictures"

# A folder as it is, without a terminal: all of it, in order, without twins.
expect_exit 0 capture --folder shots --label fist --person ana --out set </dev/null
expect_text out "set/ana-1: 6 pictures kept, 1 twins skipped"
[ "$(ls set/ana-1/fist | tr '\n' ' ')" = "0001.png 0002.png 0003.png 0004.png 0005.png 0006.png " ] || fail "other files"
expect_exit 0 "$MUDRA" predict --help
cmp <(head -c 8 set/ana-1/fist/0001.png) <(printf '\x89PNG\r\n\x1a\n') || fail "no PNG"

# The next sitting, one that is named, and one that goes on.
expect_exit 0 capture --folder shots --label palm --person ana --out set --count 2 </dev/null
expect_text out "set/ana-2: 2 pictures kept"
expect_exit 0 capture --folder shots --label palm --person ben --session evening --out set --count 2 --json </dev/null
/usr/bin/python3 -c 'import json; d = json.load(open("out")); assert (d["subject"], d["kept"], d["classes"]) == ("ben-evening", 2, {"palm": 2}), d' ||
  fail "the JSON document is another"
expect_exit 0 capture --folder shots --label fist --person ben --session evening --out set --count 3 </dev/null
for person in ana-1/palm ana-2/fist; do cp -r "set/ben-evening/${person#*/}" set/$person; done

# The set is read as it is.
expect_exit 0 "$MUDRA" data info set --json
/usr/bin/python3 - <<'END' || fail "the set is read otherwise"
import json
text = open("out").read()
info = json.loads(text)
for word in ("ana-1", "ana-2", "ben-evening", "fist", "palm"):
    assert word in text, word
END
expect_exit 0 "$MUDRA" data info set
for text in ana-1 ana-2 ben-evening fist palm; do expect_text out "$text"; done
expect_exit 0 "$MUDRA" data prepare set --out set.npz
expect_text out "set: 18 pictures as SUBJECT/CLASS/*"

# And trained on as it is, by people and not by sittings.
"$MUDRA" train --data synthetic:16,none=0 --epochs 1 --batch 8 --out base >/dev/null 2>&1
expect_exit 0 "$MUDRA" train --from base --data set --out mine --epochs 1 --batch 4 --without-rendered
[ -s mine/model.pth ] || fail "nothing was trained"

# Keys: digits choose, space captures, backspace takes back, n passes over, q ends.
expect_exit 0 on_terminal 'keys=1 2  \x7fn 1 q' -- "$MUDRA" capture --folder shots --classes fist,palm --person eva --out keys
ls keys/eva-1/fist keys/eva-1/palm >listing
[ "$(ls keys/eva-1/fist | wc -l) $(ls keys/eva-1/palm | wc -l)" = "2 1" ] || { cat listing >&2; fail "other pictures were kept"; }
grep -aq $'\xe2\x96\x80' screen || fail "no picture was drawn"
for text in "eva-1 in keys" "> 1 fist" "> 2 palm" "taken back" "kept: palm"; do
  grep -aqF "$text" screen || fail "the screen does not say '$text'"
done

# Ctrl-C leaves what was kept, and the terminal as it was (on_terminal.py looks).
expect_exit 1 on_terminal 'keys= wwwwwwww' interrupt=8 -- "$MUDRA" capture --folder shots --label fist --person cut --out keys
[ "$(ls keys/cut-1/fist)" = 0001.png ] || fail "an interrupted sitting kept something else"
grep -aqF "keys/cut-1: 1 pictures kept" screen || fail "it is not said what was kept"
grep -aqF "interrupted" screen || fail "an interruption is not said"
expect_exit 0 on_terminal 'keys=wq' -- "$MUDRA" capture --folder shots --label fist --person nobody --out keys
[ ! -e keys/nobody-1 ] || fail "an empty sitting leaves a folder"

# A board's camera, without keys and with.
"$MUDRA_GESTURE_MODEL" gesture.espdl
start_board tty --model gesture.espdl --camera camera.pgm
rates=$(rates_during "$MUDRA" capture --port tty --label fist --person ana --out board --count 5 --every 0.05)
[ "$rates" = "115200 1000000" ] || { cat err >&2; fail "at the rates $rates"; }
expect_text out "board/ana-1: 5 pictures kept"
[ "$(find board -name '*.png' | wc -l)" = 5 ] || fail "not five pictures"
[ -z "$(find board -name '*.tmp')" ] || fail "a temporary file is left"
# Killed at any moment, every picture that is there is whole, and the next sitting begins.
"$MUDRA" capture --port tty --label fist --person kim --out board --count 100000 >/dev/null 2>&1 &
capturing=$!
for _ in $(seq 200); do [ "$(ls board/kim-1/fist 2>/dev/null | wc -l)" -gt 5 ] && break; sleep 0.05; done
kill -KILL $capturing
wait $capturing 2>/dev/null || true
[ "$(ls board/kim-1/fist/*.png | wc -l)" -gt 4 ] || fail "no pictures were kept"
expect_exit 0 "$MUDRA" data prepare board --out board.npz --unreadable 0
expect_exit 0 capture --port tty --label fist --person kim --out board --count 2 </dev/null
expect_text out "board/kim-2: 2 pictures kept"

expect_exit 0 on_terminal 'keys=4 w 3 q' -- "$MUDRA" capture --port tty --person ana --out board
[ -e "board/ana-2/ok/0001.png" ] || { find board >&2; fail "the board's classes are not those of the keys"; }
grep -aqF "the board sees: " screen || fail "what the board sees is not said"
expect_exit 0 "$MUDRA" monitor --port tty  # it listens

# The stream with pictures, as a terminal can draw: kitty, sixel, blocks; and none where there is no terminal.
drawn() {  # ANSWER PATTERN
  expect_exit 0 on_terminal "says=$1" -- "$MUDRA" monitor --port tty --stream --picture --frames 3
  grep -aqE "$2" screen || fail "not drawn as wanted"
  for text in "shown: " "palm " "3 pictures drawn"; do grep -aqF "$text" screen || fail "'$text' is not on the screen"; done
}
drawn '\x1b_Gi=31;OK\x1b\\\x1b[?62;c' $'\x1b_Ga=T,f=24,i=1'
drawn '\x1b[6;20;10t\x1b[?62;4c' $'\x1bPq"1;1;'
drawn '\x1b[?62c' '38;2;[0-9]+;[0-9]+;[0-9]+;48;2;'
drawn '' '38;2;[0-9]+;[0-9]+;[0-9]+;48;2;'  # it answers nothing
expect_exit 0 on_terminal interrupt=3 -- "$MUDRA" monitor --port tty --stream --picture
expect_exit 0 on_terminal keys=wwq -- "$MUDRA" monitor --port tty --stream --picture
said 0 "$MUDRA" monitor --port tty --stream --picture --frames 2
expect_text err "this is no terminal to draw on"
expect_exit 1 "$MUDRA" monitor --port tty --picture
expect_one_line "--picture needs --stream"

# A picture as a file: the network's and the camera's own.
expect_exit 0 "$MUDRA" monitor --port tty --snap net.png --snap-camera camera.png
expect_exit 0 "$MUDRA" monitor --port tty --snap net.png --json
size() { /usr/bin/python3 -c 'import struct, sys; print(*struct.unpack(">II", open(sys.argv[1], "rb").read()[16:24]))' "$1"; }
[ "$(size net.png) $(size camera.png)" = "96 96 120 100" ] || fail "sizes: $(size net.png) $(size camera.png)"
expect_exit 1 "$MUDRA" monitor --port tty --snap missing/net.png
expect_one_line "missing/net.png"

# What cannot be.
expect_exit 2 capture --label fist --person ana --out x
expect_exit 2 capture --folder shots --camera /dev/video0 --label fist --person ana --out x
expect_exit 2 capture --folder shots --label fist --out x
for name in .. a/b .x ''; do
  [ -z "$name" ] || { expect_exit 1 capture --folder shots --label fist --person "$name" --out x </dev/null; }
  [ -z "$name" ] || { expect_exit 1 capture --folder shots --label "$name" --person ana --out x </dev/null; }
done
expect_exit 1 capture --folder shots --label fist --person ana --session a/b --out x </dev/null
expect_exit 1 capture --folder shots --label train --person ana --out x </dev/null
expect_one_line "would be read as a part of a split"
expect_exit 1 capture --folder shots --person ana --out x </dev/null
expect_one_line "say what the pictures show, with --label or --classes"
expect_exit 1 capture --folder missing --label fist --person ana --out x </dev/null
expect_one_line "missing"
mkdir empty
expect_exit 1 capture --folder empty --label fist --person ana --out x </dev/null
expect_one_line "empty: no pictures"
expect_exit 1 capture --camera /dev/no-video --label fist --person ana --out x --count 1 </dev/null
expect_one_line "/dev/no-video: there is no such camera"
expect_exit 1 capture --camera /dev/null --label fist --person ana --out x --count 1 </dev/null
expect_one_line "/dev/null: is no camera"
expect_exit 1 capture --port tty --label fist --person ana --out x </dev/null
expect_one_line "there is no terminal whose keys could be pressed"
echo text >empty/bad.png
expect_exit 1 capture --folder empty --label fist --person ana --out x </dev/null
expect_text err "empty/bad.png: is no PNG"
[ ! -e x ] || fail "something was written"
start_board blind --model gesture.espdl
expect_exit 1 "$MUDRA" monitor --port blind --snap no.png
expect_one_line "there is no picture yet"
expect_exit 1 "$MUDRA" monitor --port blind --snap-camera no.png
expect_one_line "there is no camera"
expect_exit 1 capture --port blind --label fist --person ana --out x --count 1
expect_text err "there is no camera"
[ ! -e no.png ] || fail "a file of no picture"
