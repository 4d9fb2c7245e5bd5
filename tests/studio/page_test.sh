# The page of `mudra studio FOLDER` in Chromium, by keyboard, with a fake camera: pictures, undo, classes, a
# training and its integers, widths, refusals.
source "$MUDRA_SOURCE/tests/studio/page_steps.sh"
need_page

"$MUDRA" data synth --out hands --people 1 --per-class 2 --light visible 2>/dev/null
mapfile -t pictures < <(find hands -name '*.png' | sort)
mkdir my-hands
echo '{"classes": ["palm", "l", "fist", "thumb", "index", "ok", "c", "down", "none"],
       "job": {"kind": "train", "run": "x", "text": "mudra train <b>x</b>"}}' >my-hands/studio.json
"$MUDRA" studio my-hands --no-open >link 2>log &
studio=$!
trap 'kill -9 $studio 2>/dev/null || true' EXIT
until [ -s link ]; do kill -0 $studio || fail "the studio does not start"; sleep 0.05; done
STUDIO=$studio expect_exit 0 node "$MUDRA_SOURCE/tests/studio/page.mjs" "$(cat link)" my-hands "${pictures[@]}"
cat out
kill -INT $studio
wait $studio || fail "Ctrl-C is no error"
expect_exit 0 "$MUDRA" data info my-hands/pictures
