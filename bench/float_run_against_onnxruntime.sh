#!/usr/bin/env bash
# float_run_against_onnxruntime.sh FOLDER: CPU time per image at batch 1 of our float run and of ONNX Runtime's, the
# runs interleaved, medians of nine. ONNX Runtime is called from node; what a call itself costs is measured with a
# network of a few multiply-adds, and told. Then the same without AVX-512.
set -euo pipefail
folder=$(cd "$1" && pwd) rounds=9
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/instruction_sets.sh"
consumers=${MUDRA_CONSUMERS:-$here/../build/consumers}
bash "$here/../tests/consumers/install.sh" "$consumers"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$folder/float_run_bench" --write-onnx "$work/net.onnx" "$work/tiny.onnx"
median() { sort -n "$1" | sed -n "$(((rounds + 1) / 2))p"; }
for set in $(instruction_sets); do
  limit_to "$set"
  choose_runtime "$set" "$consumers" "$folder" "$work"
  cp "$here/onnxruntime_time.mjs" "$runtime"  # beside node_modules, where its import is looked for
  rm -f "$work"/{ours,theirs,call}
  for ((round = 0; round < rounds; ++round)); do
    OMP_NUM_THREADS=1 "$folder/float_run_bench" --benchmark_filter=fused --benchmark_min_time=0.2 \
      --benchmark_format=csv 2>/dev/null | awk -F, '/fused/ {print $4}' >>"$work/ours"
    LD_PRELOAD=$preload node "$runtime/onnxruntime_time.mjs" "$work/net.onnx" "$work/tiny.onnx" >"$work/round"
    sed -n 1p "$work/round" >>"$work/theirs"
    sed -n 2p "$work/round" >>"$work/call"
  done
  awk -v set="$set" -v ours="$(median "$work/ours")" -v theirs="$(median "$work/theirs")" \
    -v call="$(median "$work/call")" 'BEGIN {
      printf "%s instruction set, one image, one thread: mudra %.0f us, ONNX Runtime %.0f us of CPU time (%.0f us of it the call from node)\n",
             set, ours, theirs, call
      printf "ONNX Runtime needs %.2f times as long, %.2f times without the call\n", theirs / ours, (theirs - call) / ours
  }'
done
