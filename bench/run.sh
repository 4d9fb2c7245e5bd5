#!/usr/bin/env bash
# run.sh FOLDER: every benchmark in the build folder, then the comparisons side by side.
set -euo pipefail
folder=$1
here=$(dirname "${BASH_SOURCE[0]}")
for program in "$folder"/*_bench; do
  echo "== $(basename "$program")"
  "$program" --benchmark_min_time=0.5
done
echo "== training, beside PyTorch in the same run"
bash "$here/training.sh" "$folder/training_bench"
for script in "$here"/*_against_*.sh "$here"/*_on_*.sh; do
  echo "== $(basename "$script")"
  bash "$script" "$folder"
done
