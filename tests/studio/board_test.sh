# The board as a source of the studio's pictures, in Chromium by keyboard: captured as the chip got them, live beside what the
# board says itself, the port given to the commands that need it, the plug pulled and put back, idle when nobody looks.
source "$MUDRA_SOURCE/tests/studio/page_steps.sh"
need_page
export MUDRA_BOARD

/usr/bin/python3 - <<'PYTHON'
with open("camera.pgm", "wb") as out:
    for shade in range(20, 220, 20):
        out.write(b"P5 120 100 255\n" + bytes(shade + 10 * (y // 25) for y in range(100) for x in range(120)))
PYTHON
mkdir -p my-hands/runs/first
"$MUDRA_GESTURE_MODEL" my-hands/runs/first/model.espdl
"$MUDRA" studio my-hands --no-open --board tty >link 2>log &
studio=$!
trap 'kill -9 $studio 2>/dev/null || true' EXIT
until [ -s link ]; do kill -0 $studio || fail "the studio does not start"; sleep 0.05; done
STUDIO=$studio expect_exit 0 node "$MUDRA_SOURCE/tests/studio/board.mjs" "$(cat link)" my-hands
cat out
kill -INT $studio
wait $studio || fail "Ctrl-C is no error"
[ ! -s log ] || { cat log >&2; fail "something was said"; }
expect_exit 0 "$MUDRA" data info my-hands/pictures
