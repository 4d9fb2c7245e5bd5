#!/usr/bin/env bash
# figures.sh MUDRA LEAP [SEED...]: the accuracies of the README, on real people of a LeapGestRecog tree.
#   a  rendered hands alone                     judged on 00, 01, 02
#   b  rendered hands and person 00             judged on 01, 02
#   c  person 00 alone, frames split at random  judged on its own split, then on 01, 02
# Results stay in run/figures; a rerun goes on where it stopped.
set -euo pipefail
mudra=$1 leap=$2
shift 2
[ $# -gt 0 ] || set -- 1 2 3
seeds=("$@")
out=run/figures
mkdir -p "$out"
rendered=(--data synthetic:8000 --epochs 8)

judge() {  # NAME SUBJECT...: evaluates the model of run NAME on each person
  local name=$1 subject
  shift
  for subject in "$@"; do
    "$mudra" evaluate "$out/$name" --data "$leap/$subject" --json >"$out/$name/on_$subject.json"
  done
}

for seed in "${seeds[@]}"; do
  "$mudra" train "${rendered[@]}" --seed "$seed" --out "$out/a$seed" --resume --json >"$out.json"
  judge "a$seed" 00 01 02
  "$mudra" train "${rendered[@]}" --data "$leap/00" --seed "$seed" --out "$out/b$seed" --resume --json >"$out.json"
  judge "b$seed" 01 02
  "$mudra" train --data "$leap/00" --split random --epochs 25 --patience 25 --seed "$seed" --out "$out/c$seed" \
    --resume --json >"$out/c$seed.json"
  judge "c$seed" 01 02
done

python3 - "$out" "${seeds[@]}" <<'END'
import json, sys
out, seeds = sys.argv[1], sys.argv[2:]

def line(name, values):
    mean, spread = sum(values) / len(values), max(values) - min(values)
    print(f"{name:<58} {mean:7.2f} %  spread {spread:5.2f}  ({', '.join(f'{v:.2f}' for v in values)})")

def judged(run, subject):
    return [json.load(open(f"{out}/{run}{seed}/on_{subject}.json")) for seed in seeds]

for run, title, subjects in (("a", "rendered hands alone", ("00", "01", "02")),
                             ("b", "rendered hands and person 00", ("01", "02")),
                             ("c", "person 00 alone", ("01", "02"))):
    if run == "c":
        line("c  person 00 alone, on its own random split",
             [100 * json.load(open(f"{out}/c{seed}.json"))[0]["test"]["accuracy"] for seed in seeds])
    for subject in subjects:
        line(f"{run}  {title}, on person {subject}", [100 * d["accuracy"] for d in judged(run, subject)])
print("\na on person 00, recall by class, mean over seeds:")
documents = judged("a", "00")
for i, entry in enumerate(documents[0]["classes"]):
    line("   " + entry["name"], [100 * d["classes"][i]["recall"] for d in documents])
END
