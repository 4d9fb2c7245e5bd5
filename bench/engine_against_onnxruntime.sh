#!/usr/bin/env bash
# engine_against_onnxruntime.sh FOLDER: CPU time per picture of the engine and of ONNX Runtime's int8, in its
# fast and in its exact mode, one thread, in turns. Needs the published model (MUDRA_SHARED) or another
# (MUDRA_BENCH_MODEL), Node.js, and npm to fetch onnxruntime-node.
set -euo pipefail
folder=$(cd "$1" && pwd)
model=${MUDRA_BENCH_MODEL:-${MUDRA_SHARED:-}/data/published/models/gesture_model_int8.espdl}
[ -f "$model" ] || { echo "no model; set MUDRA_BENCH_MODEL or MUDRA_SHARED"; exit 0; }
command -v node >/dev/null && command -v npm >/dev/null || { echo "Node.js or npm is missing"; exit 0; }
[ -d "$folder/node_modules/onnxruntime-node" ] ||
  npm install --prefix "$folder" --ignore-scripts --no-save onnxruntime-node@1.30.0 >"$folder/npm.log" 2>&1 ||
  { tail -n 3 "$folder/npm.log"; echo "onnxruntime-node cannot be installed"; exit 0; }
"$folder/qdq_onnx" "$model" "$folder/qdq.onnx" "$folder/copy.onnx"
NODE_PATH=$folder/node_modules exec node "$(dirname "${BASH_SOURCE[0]}")/engine_against_onnxruntime.js" \
  "$folder/engine_time" "$model" "$folder/qdq.onnx" "$folder/copy.onnx" "${2:-15}"
