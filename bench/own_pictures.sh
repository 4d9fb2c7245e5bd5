#!/usr/bin/env bash
# own_pictures.sh MUDRA LEAP PICTURES [SEED...]: what 20 pictures a class of one's own camera do for networks trained on
# rendered hands, and what they cost. PICTURES has a folder per class; by file order its first 20 are learned, the others
# judged; LEAP is a LeapGestRecog tree, of which nothing may be forgotten. Also the time from call to quantized file.
# Results stay in run/own_pictures; a rerun goes on where it stopped.
set -euo pipefail
mudra=$1 leap=$2 pictures=$3
shift 3
[ $# -gt 0 ] || set -- 1 2 3
seeds=("$@")
out=run/own_pictures
rm -rf "$out/learned" "$out/judged"
for class in "$pictures"/*/; do
  name=$(basename "$class")
  mkdir -p "$out/learned/$name" "$out/judged/$name"
  find "$class" -maxdepth 1 -type f | sort | head -n 20 | xargs cp -t "$out/learned/$name"
  find "$class" -maxdepth 1 -type f | sort | tail -n +21 | xargs cp -t "$out/judged/$name"
done

judge() {  # NAME MODEL
  "$mudra" evaluate "$2" --data "$out/judged" --json >"$out/$1_judged.json"
  "$mudra" evaluate "$2" --data "$leap" --json >"$out/$1_leap.json"
}
for seed in "${seeds[@]}"; do
  "$mudra" train --data synthetic:8000 --epochs 4 --seed "$seed" --out "$out/start$seed" --resume --json >"$out.json"
  judge "start$seed" "$out/start$seed"
  if [ ! -s "$out/own$seed.time" ]; then
    rm -rf "$out/own$seed"
    { TIMEFORMAT='%R %U %S'
      time { "$mudra" train --from "$out/start$seed" --data "$out/learned" --seed "$seed" --out "$out/own$seed" \
               --json >"$out.json" 2>"$out/own$seed.log"
             "$mudra" quantize "$out/own$seed" --data "$out/learned" --data synthetic:240 \
               --out "$out/own$seed/best.espdl" --recipe best >"$out/own$seed/best.txt" 2>>"$out/own$seed.log"; }
    } 2>"$out/time"
    mv "$out/time" "$out/own$seed.time"
  fi
  judge "own$seed" "$out/own$seed"
  judge "best$seed" "$out/own$seed/best.espdl"
done

python3 - "$out" "${seeds[@]}" <<'PYTHON'
import json, sys
out, seeds = sys.argv[1], sys.argv[2:]

def line(name, values, unit="%"):
    mean, spread = sum(values) / len(values), max(values) - min(values)
    print(f"{name:<44} {mean:7.2f} {unit}  spread {spread:5.2f}  ({', '.join(f'{v:.2f}' for v in values)})")

for run, title in (("start", "rendered hands alone"), ("own", "and own pictures"), ("best", "the same, quantized (best)")):
    for set_, judged in (("judged", "own camera"), ("leap", "Leap frames")):
        line(f"{title}, on {judged}",
             [100 * json.load(open(f"{out}/{run}{seed}_{set_}.json"))["accuracy"] for seed in seeds])
times = [[float(t) for t in open(f"{out}/own{seed}.time").read().split()[-3:]] for seed in seeds]
line("from call to quantized file", [t[0] for t in times], "s")
line("CPU time of that", [t[1] + t[2] for t in times], "s")
PYTHON
