# The pane Chip of `mudra studio` in Chromium, by keyboard: costs, boards, firmware, a model on its way to a board, its times
# and self-test; what a board refuses; and a studio without one.
source "$MUDRA_SOURCE/tests/studio/page_steps.sh"
need_page
source "$MUDRA_SOURCE/tests/cli/board_steps.sh"

start_studio() {  # [OPTION...]
  rm -f link
  "$MUDRA" studio my-hands --no-open "$@" >link 2>log &
  studio=$!
  boards+=($studio)
  until [ -s link ]; do kill -0 $studio || fail "the studio does not start"; sleep 0.05; done
}
look() { expect_exit 0 node "$MUDRA_SOURCE/tests/studio/chip.mjs" "$(cat link)" my-hands "$@"; cat out; }
stop_studio() { kill -INT $studio; wait $studio || fail "Ctrl-C is no error"; }

mkdir -p my-hands/runs/first my-hands/runs/wrong my-hands/runs/many
"$MUDRA_GESTURE_MODEL" my-hands/runs/many/model.espdl classes=65
"$MUDRA_GESTURE_MODEL" my-hands/runs/wrong/model.espdl WRONG
"$MUDRA_GESTURE_MODEL" my-hands/runs/first/model.espdl
touch -d '3 seconds ago' my-hands/runs/{many,wrong}/model.espdl
"$MUDRA_GESTURE_MODEL" old.espdl classes=6
"$MUDRA" data synth --out hands --people 1 --per-class 1 --light visible 2>/dev/null

start_studio
look none
stop_studio

# At a rate at which one sees it go.
start_board board_tty --model old.espdl --most-baud 115200
/usr/bin/python3 "$MUDRA_SOURCE/tests/studio/slow_line.py" board_tty tty 24000 2>line.log &
boards+=($!)
until [ -e tty ]; do kill -0 $! || fail "there is no line"; sleep 0.05; done
start_studio --board tty
look board
expect_exit 0 "$MUDRA" monitor --port tty --model my-hands/runs/first/model.espdl "$(find hands -name '*.png' | head -n 1)"
expect_text out "PC "
stop_studio
[ -s my-hands/runs/first/firmware/model.espdl ] || fail "there is no firmware"
