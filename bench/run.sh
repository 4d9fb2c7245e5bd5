#!/usr/bin/env bash
# run.sh FOLDER: every benchmark of the build folder, then the side-by-side comparisons.
set -euo pipefail
folder=$1
here=$(dirname "${BASH_SOURCE[0]}")
for program in "$folder"/*_bench; do
  echo "== $(basename "$program")"
  "$program" --benchmark_min_time=0.5
done
for script in "$here"/*_against_*.sh "$here"/*_on_*.sh; do
  echo "== $(basename "$script")"
  bash "$script" "$folder"
done
