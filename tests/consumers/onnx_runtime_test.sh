# ONNX Runtime computes from the exported file what our own run computes, in batches of 1, 5 and 32.
source "$MUDRA_SOURCE/tests/consumers/consumers.sh"
need_consumers
choose_frames
choose_models
cp "$MUDRA_SOURCE/tests/consumers/onnx_runtime.mjs" "$CONSUMERS"  # beside node_modules, where its import is looked for
for model in "${MODELS[@]}"; do
  "$MUDRA" export "$model" --out exported --data "$FRAMES" 2>/dev/null
  "$MODEL_LOGITS" exported/model.onnx "$FRAMES" 160 frames
  node "$CONSUMERS/onnx_runtime.mjs" exported/model.onnx frames || fail "$model: ONNX Runtime computes something else"
  [[ $model != *.onnx ]] || node "$CONSUMERS/onnx_runtime.mjs" "$model" frames || fail "$model was read wrongly"
done
