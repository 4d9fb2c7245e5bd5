#!/usr/bin/env bash
# quantization_figures.sh MUDRA LEAP [SEED...]: accuracy by person of float, int8, mixed, equalized and best, of nets
# trained on rendered hands alone and calibrated with rendered hands; of a LeapGestRecog tree with people 00, 01, 02.
# Results stay in run/quantization; a rerun goes on where it stopped.
set -euo pipefail
mudra=$1 leap=$2
shift 2
[ $# -gt 0 ] || set -- 1 2 3
seeds=("$@")
out=run/quantization
kind=light=infrared,none=0
mkdir -p "$out"

for seed in "${seeds[@]}"; do
  for activation in relu6 relu; do
    run=$out/$activation$seed
    "$mudra" train --data synthetic:8000,$kind --epochs 8 --activation $activation --seed "$seed" --out "$run" --resume \
      --json >"$run.json"
    quantize() { "$mudra" quantize "$run" --data synthetic:1600,$kind --out "$run/$1.espdl" "${@:2}" >"$run/$1.txt"; }
    quantize int8
    quantize int8_kl --calibration kl
    quantize mixed --recipe mixed --bits 'layers.3.conv.*=16'
    quantize equalized --recipe equalized
    quantize best --recipe best
    "$mudra" evaluate "$run" "$run"/{int8,int8_kl,mixed,equalized,best}.espdl --data "$leap" --json >"$run/judged.json"
  done
done

python3 - "$out" "${seeds[@]}" <<'END'
import json, sys
out, seeds = sys.argv[1], sys.argv[2:]
names = ("float", "int8 search", "int8 kl", "mixed", "equalized", "best")
for activation in ("relu6", "relu"):
    runs = [json.load(open(f"{out}/{activation}{seed}/judged.json"))["models"] for seed in seeds]
    subjects = [s["subject"] for s in runs[0][0]["subjects"]]
    print(f"\n{activation}: mean accuracy of {len(seeds)} seeds in %, and the largest loss against float")
    print(f"{'':<14}" + "".join(f"{s:>10}" for s in subjects) + f"{'all':>10}{'loss':>10}")
    for m, name in enumerate(names):
        mean = lambda values: 100 * sum(values) / len(values)
        by_subject = [mean([run[m]["subjects"][s]["accuracy"] for run in runs]) for s in range(len(subjects))]
        loss = max(100 * (run[0]["accuracy"] - run[m]["accuracy"]) for run in runs)
        print(f"{name:<14}" + "".join(f"{a:>10.2f}" for a in by_subject)
              + f"{mean([run[m]['accuracy'] for run in runs]):>10.2f}{loss:>10.2f}")
END
