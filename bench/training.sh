#!/usr/bin/env bash
# Training speed, ours beside PyTorch's: images per CPU-second, forward + backward + Adam step at batch 32.
#
# training.sh BENCH_PROGRAM [ROUNDS] [SECONDS]: BENCH_PROGRAM is the built training_bench. Runs take turns, so that
# a busy machine is busy for all of them; medians are printed. CPU time of the whole process counts, not wall time.
# Measured with all instructions this processor has, and again without AVX-512 if it has that.
# "tuned" is PyTorch with channels_last and an allocator that keeps its memory on huge pages.
# PYTHON: a Python with torch (Debian's python3-torch), by default /usr/bin/python3.
set -euo pipefail
bench=$1 rounds=${2:-5} seconds=${3:-3}
python=${PYTHON:-/usr/bin/python3}
here=$(cd "$(dirname "$0")" && pwd)
. "$here/instruction_sets.sh"
"$python" -c 'import torch' 2>/dev/null || { echo "SKIPPED: $python has no torch (apt install python3-torch)"; exit 77; }

# Idle threads sleep instead of burning the CPU time that is measured, for every program alike.
export OMP_WAIT_POLICY=passive
keep_memory=glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=4294967296
keep_memory+=:glibc.malloc.trim_threshold=17179869184:glibc.malloc.top_pad=268435456

ours() {  # THREADS
  "$bench" --benchmark_filter="^step/batch:32/threads:$1/" --benchmark_min_time="$seconds" \
    --benchmark_format=json 2>/dev/null | "$python" -c 'import json, sys; print(json.load(sys.stdin)["benchmarks"][0]["images"])'
}
torch_default() { "$python" -B "$here/training_torch.py" --threads "$1" --seconds "$seconds"; }
torch_tuned() { GLIBC_TUNABLES=$keep_memory "$python" -B "$here/training_torch.py" --threads "$1" --seconds "$seconds" --channels-last; }
median() { sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for set in $(instruction_sets); do
  limit_to "$set"
  for threads in 1 2; do
    for ((round = 0; round < rounds; ++round)); do
      for which in ours torch_tuned torch_default; do "$which" "$threads" >>"$folder/$which.$threads.$set"; done
    done
    for which in ours torch_tuned torch_default; do median <"$folder/$which.$threads.$set" >"$folder/median.$which"; done
    awk -v set="$set" -v threads="$threads" -v ours="$(<"$folder/median.ours")" \
      -v tuned="$(<"$folder/median.torch_tuned")" -v plain="$(<"$folder/median.torch_default")" 'BEGIN {
        printf "%s instruction set, %d thread%s: mudra %.0f, PyTorch tuned %.0f (%.2fx), PyTorch as it comes %.0f (%.2fx) images per CPU-second\n",
          set, threads, (threads > 1 ? "s" : ""), ours, tuned, ours / tuned, plain, ours / plain }'
  done
done
