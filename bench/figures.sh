#!/usr/bin/env bash
# figures.sh MUDRA LEAP PICTURES [SEED...]: the accuracies of the README, of networks and of their integers (best).
# LEAP is a LeapGestRecog tree, or some people of one; PICTURES has a folder per gesture, of another camera.
#   both      hands rendered in both kinds of light, and none: the default; calibrated with as many again in visible light
#   infrared  in infrared alone, and none; bare: without none
#   own       both, then --from it with the first 20 pictures of each class of PICTURES, judged on the others
#   person    person 00 alone, frames split at random, judged on that split, then on other people
# Results stay in run/figures; a rerun goes on where it stopped.
set -euo pipefail
mudra=$1 leap=$2 pictures=$3
shift 3
[ $# -gt 0 ] || set -- 1 2 3
seeds=("$@")
out=run/figures
rm -rf "$out/learned" "$out/judged"
for class in "$pictures"/*/; do
  name=$(basename "$class")
  mkdir -p "$out/learned/$name" "$out/judged/$name"
  find "$class" -maxdepth 1 -type f | sort | head -n 20 | xargs cp -t "$out/learned/$name"
  find "$class" -maxdepth 1 -type f | sort | tail -n +21 | xargs cp -t "$out/judged/$name"
done
python3 "$(dirname "$0")/patterns.py" "$out/patterns/none"
declare -A path=([other_camera]=$pictures [judged]=$out/judged [patterns]=$out/patterns)
people=()
for person in "$leap"/[0-9][0-9]; do
  people+=("$(basename "$person")")
  path[${people[-1]}]=$person
done

judge() {  # NAME SET...: the network of that run, and its integers if it has some, each once
  local model set
  for model in "$out/$1" "$out/$1/best.espdl"; do
    [ -e "$model" ] || continue
    for set in "${@:2}"; do
      [ ! -s "$model.$set.json" ] || continue
      "$mudra" evaluate "$model" --data "${path[$set]}" --json >"$out.json"
      mv "$out.json" "$model.$set.json"
    done
  done
}
learn() {  # NAME "CALIBRATION..." OPTION...: a network, and its integers
  local run=$out/$1 set calibration=()
  for set in $2; do calibration+=(--data "$set"); done
  shift 2
  "$mudra" train "$@" --out "$run" --resume --json >"$out.json"
  [ -s "$run/best.espdl" ] ||
    "$mudra" quantize "$run" "${calibration[@]}" --recipe best --out "$run/best.espdl" >"$run/best.txt"
}

for seed in "${seeds[@]}"; do
  learn "both$seed" "synthetic:2400 synthetic:2400,light=visible" --data synthetic:24000 --epochs 14 --seed "$seed"
  judge "both$seed" "${people[@]}" other_camera patterns
  learn "infrared$seed" synthetic:4800,light=infrared --data synthetic:24000,light=infrared --epochs 10 --seed "$seed"
  judge "infrared$seed" "${people[@]}" other_camera patterns
  learn "bare$seed" synthetic:1600,light=infrared,none=0 --data synthetic:24000,light=infrared,none=0 --epochs 10 \
    --seed "$seed"
  judge "bare$seed" "${people[@]}" other_camera

  run=$out/own$seed
  if [ ! -s "$run.time" ]; then
    rm -rf "$run"
    { TIMEFORMAT='%R %U %S'
      time { "$mudra" train --from "$out/both$seed" --data "$out/learned" --seed "$seed" --out "$run" --json \
               >"$out.json" 2>"$run.log"
             "$mudra" quantize "$run" --data "$out/learned" --data synthetic:960 --out "$run/best.espdl" \
               --recipe best >"$run/best.txt" 2>>"$run.log"; }
    } 2>"$out.time"
    mv "$out.time" "$run.time"
  fi
  judge "own$seed" "${people[@]}" judged

  run=$out/person$seed
  "$mudra" train --data "$leap/00" --split random --epochs 25 --patience 25 --seed "$seed" --out "$run" --resume \
    --json >"$run.split.json"
  judge "person$seed" "${people[@]}"
done

python3 "$(dirname "$0")/figures.py" "$out" "${seeds[*]}" "${people[@]}"
