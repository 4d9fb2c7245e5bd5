#!/usr/bin/env bash
# engine_against_onnxruntime.sh FOLDER [ROUNDS]: CPU time per picture of the engine and of ONNX Runtime's int8, in its
# fast and in its exact mode, one thread, in turns; then the same without AVX-512. Needs the published model
# (MUDRA_SHARED) or another (MUDRA_BENCH_MODEL), and npm's registry for ONNX Runtime.
set -euo pipefail
folder=$(cd "$1" && pwd)
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/instruction_sets.sh"
model=${MUDRA_BENCH_MODEL:-${MUDRA_SHARED:-}/data/published/models/gesture_model_int8.espdl}
[ -f "$model" ] || { echo "no model; set MUDRA_BENCH_MODEL or MUDRA_SHARED"; exit 0; }
consumers=${MUDRA_CONSUMERS:-$here/../build/consumers}
bash "$here/../tests/consumers/install.sh" "$consumers" || { echo "ONNX Runtime cannot be installed"; exit 0; }
"$folder/qdq_onnx" "$model" "$folder/qdq.onnx" "$folder/copy.onnx"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for set in $(instruction_sets); do
  limit_to "$set"
  choose_runtime "$set" "$consumers" "$folder" "$work"
  NODE_PATH=$runtime/node_modules LD_PRELOAD=$preload node "$here/engine_against_onnxruntime.js" \
    "$folder/engine_time" "$model" "$folder/qdq.onnx" "$folder/copy.onnx" "${2:-15}"
done
