# The pane Judge of `mudra studio FOLDER` in Chromium, by keyboard: its numbers are those of `mudra evaluate`, its pictures those that are meant.
source "$MUDRA_SOURCE/tests/studio/page_steps.sh"
need_page

# Three sittings to learn from, the third after the first training; another person, whom no training sees.
"$MUDRA" data synth --out hands --people 4 --per-class 4 --seed 3 --light visible 2>/dev/null
pictures=my-hands/pictures
mkdir -p $pictures
i=0
for sitting in ana-1 ana-2 ana-3 bea-1; do
  mkdir $pictures/$sitting
  cp -r hands/s00$i/{palm,fist,ok,none} $pictures/$sitting
  i=$((i + 1))
done
mkdir aside
mv $pictures/ana-3 $pictures/bea-1 aside
train=("$MUDRA" train --data $pictures --epochs 6 --seed 2)
"${train[@]}" --channels 8,8/2 --expansion 2 --out my-hands/runs/mine-1 >/dev/null 2>&1
mv aside/ana-3 $pictures
"${train[@]}" --without-rendered --from my-hands/runs/mine-1 --out my-hands/runs/mine-2 >/dev/null 2>&1
mv aside/bea-1 $pictures
for run in mine-1 mine-2; do
  "$MUDRA" quantize my-hands/runs/$run --data $pictures --recipe int8 --out my-hands/runs/$run/model.espdl >/dev/null 2>&1
done
mkdir -p empty bare/runs
cp -r my-hands/runs/mine-1 bare/runs

serve() {  # FOLDER: its link in ./link
  "$MUDRA" studio "$1" --no-open >link 2>log &
  studio=$!
  until [ -s link ]; do kill -0 $studio || fail "the studio does not start"; sleep 0.05; done
}
trap 'kill -9 $studio 2>/dev/null || true' EXIT
for folder in my-hands empty bare; do
  rm -f link
  serve $folder
  expect_exit 0 node "$MUDRA_SOURCE/tests/studio/judge.mjs" "$(cat link)" $folder "$MUDRA"
  cat out
  kill -INT $studio
  wait $studio || fail "Ctrl-C is no error"
done
