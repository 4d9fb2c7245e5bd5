#!/usr/bin/env bash
# demo.sh MUDRA: trains on rendered hands and judges people the network has never seen. Leaves run/demo.
set -euo pipefail
mudra=$1
run=run/demo
step() { printf '\n\033[1m$ mudra %s\033[0m\n' "$*"; "$mudra" "$@"; }

rm -rf "$run"
mkdir -p run
step train --data synthetic:6000 --epochs 8 --out "$run"
step data synth --out "$run/people" --people 5 --per-class 10 --seed 2024
step evaluate "$run/model.pth" --data "$run/people"
pictures=()
for gesture in palm l fist ok; do
  pictures+=("$(find "$run/people" -path "*/$gesture/*.png" | sort | sed -n 7p)")
done
step predict "$run/model.pth" "${pictures[@]}" --picture
step data info "$run/people" --sheet "$run/people.png"

cat <<END

Done. What to look at next:
  $run/people.png        the people it was judged on, none of them seen in training
  $run/metrics.jsonl     loss and accuracy of every epoch
  $run/model.pth         the network, loadable by PyTorch
  $mudra predict $run/model.pth --picture YOUR_PICTURE.png
  $mudra train --help    training on real pictures (LeapGestRecog or folders of your own)
END
