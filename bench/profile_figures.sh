#!/usr/bin/env bash
# profile_figures.sh FOLDER: the stored figures of mudra profile (mudra/sim/scalar_cost.cpp) beside what an emulated Xtensa
# counts, over published models, the vendor's single operations and random networks, and the figures that fit best.
set -euo pipefail
build=$(cd "$1" && pwd)
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
xtensa=$here/../tests/xtensa folder=$build/xtensa
python=/usr/bin/python3
"$python" -c 'import numpy' 2>/dev/null || { echo "python3-numpy is missing"; exit 0; }
bash "$xtensa/build.sh" "$folder" >"$folder.log" 2>&1 || { cat "$folder.log"; exit 0; }

rm -rf "$folder/figures"
mkdir "$folder/figures"
# count MODEL PICTURE: the instructions of each operation's kernel, and those of the engine.
count() {
  local name=$folder/figures/$(basename "$1" .espdl)
  "$build/bench/scalar_work" "$1" >"$name.work" 2>/dev/null || { rm -f "$name.work"; return 0; }
  for program in scores empty_kernels empty_kernels_by_node; do
    PROGRAM=$program COUNT=1 timeout 60 bash "$xtensa/run.sh" "$folder" "$1" "$2" >"$name.$program" 2>&1 || {
      rm -f "$name".*
      return 0
    }
  done
}
for seed in $(seq 1 24); do
  "$build/tests/xtensa/random_model" "$seed" "$folder/random$seed.espdl" "$folder/picture"
  count "$folder/random$seed.espdl" "$folder/picture"
done
head -c 100000 /dev/zero >"$folder/picture"
if [ -n "${MUDRA_SHARED:-}" ]; then
  for model in "$MUDRA_SHARED"/data/published/models/*.espdl "$MUDRA_SHARED"/reference-operators/*.espdl; do
    count "$model" "$folder/picture"
  done
fi
"$python" "$here/profile_figures.py" "$folder/figures"
