# The whole of `mudra studio`, by keyboard: an empty folder, pictures of one person before a camera, training, judging, other
# people recognised, the network on the board, which answers the same integers. With the reference data the people are real.
source "$MUDRA_SOURCE/tests/studio/page_steps.sh"
need_page
source "$MUDRA_SOURCE/tests/cli/board_steps.sh"

"$MUDRA" data synth --out hands --people 20 --per-class 1 --light infrared --seed 5 2>/dev/null
# scene FOLDER CLASS FROM...: all of these pictures, by number.
scene() {
  local folder=$1/$2 number=0
  mkdir -p "$folder"
  for picture in "${@:3}"; do cp "$picture" "$folder/$((1000 + ++number)).png"; done
}
# spread COUNT PICTURE...: so many of them, evenly.
spread() { printf '%s\n' "${@:2}" | awk -v count="$1" '{ all[NR] = $0 } END { for (i = 0; i < count && i < NR; ++i) print all[1 + int(i * NR / count)] }'; }
if [ -n "${MUDRA_SHARED:-}" ]; then
  leap=$MUDRA_SHARED/data/leap/leapGestRecog
  for class in palm l fist thumb index ok c down; do
    scene mine $class $(spread 20 "$leap"/00/??_$class/*.png)
    scene next $class $(spread 10 "$leap"/0[12]/??_$class/*.png)
  done
  scene mine none hands/s00[0-9]/none/*.png hands/s01[0-4]/none/*.png
  scene next none hands/s01[5-9]/none/*.png
else
  for class in palm l fist thumb index ok c down none; do
    scene mine $class hands/s00?/$class/*.png hands/s01[0-4]/$class/*.png
    scene next $class hands/s01[5-9]/$class/*.png
  done
fi
pictures=(next/*/1001.png)
FRAMES=$(($(find next -name '*.png' | wc -l) * 2 + 50))  # of the film, once and a bit
LEAST=$([ -n "${MUDRA_SHARED:-}" ] && echo 0.9 || echo 0.6)  # rendered people are harder than real ones
export FRAMES LEAST

"$MUDRA_GESTURE_MODEL" old.espdl
start_board tty --model old.espdl --flash flash
"$MUDRA" studio my-hands --board "$PWD/tty" --no-open >link 2>log &
studio=$!
trap 'kill -9 $studio 2>/dev/null || true; stop_boards' EXIT
until [ -s link ]; do kill -0 $studio || fail "the studio does not start"; sleep 0.05; done
expect_exit 0 node "$MUDRA_SOURCE/tests/studio/loop.mjs" "$(cat link)" my-hands mine next
cat out
kill -INT $studio
wait $studio || fail "Ctrl-C is no error"
expect_exit 0 monitor --model my-hands/runs/mine-1/model.espdl "${pictures[@]}" --selftest
echo "the board answers the integers of this PC for ${#pictures[@]} pictures"
