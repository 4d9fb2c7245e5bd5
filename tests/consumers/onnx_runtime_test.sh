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

# One that was trained on normalized pixels: the file takes them so, and says it.
"$MUDRA" train --data synthetic:400 --channels 8,16/2 --expansion 2 --epochs 1 --normalize imagenet --out normalized 2>/dev/null
"$MUDRA" export normalized --out exported --data "$FRAMES" --keep-going 2>/dev/null
"$MUDRA" inspect exported/model.onnx >about
expect_text about "normalization: 0.449/0.226"
"$MODEL_LOGITS" exported/model.onnx "$FRAMES" 160 frames
node "$CONSUMERS/onnx_runtime.mjs" exported/model.onnx frames 0.449 0.226 || fail "ONNX Runtime computes something else"
! node "$CONSUMERS/onnx_runtime.mjs" exported/model.onnx frames >/dev/null || fail "pixels as they are do as well"
