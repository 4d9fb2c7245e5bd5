# TensorFlow Lite's own library computes from the exported files what our own runs compute: the float32 file within
# 1e-4, the int8 file exactly; and int8 names the same class as float for 98 % of real frames.
source "$MUDRA_SOURCE/tests/consumers/consumers.sh"
need_consumers
choose_frames
choose_models
library=$CONSUMERS/node_modules/tfjs-tflite-node/cc_deps/linux_amd64/libtensorflowlite_c.so
[ -f "$library" ] || skip "there is no TensorFlow Lite for this machine in the package"
for model in "${MODELS[@]}"; do
  "$MUDRA" export "$model" --out exported --data "$FRAMES" 2>/dev/null
  for file in model model_int8; do
    "$MODEL_LOGITS" "exported/$file.tflite" "$FRAMES" 160 "$file"
    "$TENSORFLOW_LITE" "$library" "exported/$file.tflite" "$file" || fail "$model: TensorFlow Lite computes something else"
  done
  [ -z "${MUDRA_SHARED:-}" ] || /usr/bin/python3 - <<'END' || fail "$model: int8 names other classes than float"
import array
def classes(path):
    logits = array.array("f", open(path, "rb").read())
    return [max(range(8), key=lambda c: logits[i + c]) for i in range(0, len(logits), 8)]
real, integer = classes("model/logits.f32"), classes("model_int8/tensorflow_lite.f32")
agreement = sum(a == b for a, b in zip(real, integer)) / len(real)
print(f"int8 in TensorFlow Lite names the class of float for {100 * agreement:.1f} % of {len(real)} frames")
raise SystemExit(agreement < 0.98)
END
done

# A network that pools and flattens a map.
[ -n "${MUDRA_SHARED:-}" ] || exit 0
"$MUDRA" export "$MUDRA_SHARED/data/faults/networks-and-pictures/maxpool.onnx" --out pooled --data "$FRAMES" --keep-going 2>/dev/null
for file in model model_int8; do
  "$MODEL_LOGITS" "pooled/$file.tflite" "$FRAMES" 160 "$file"
  "$TENSORFLOW_LITE" "$library" "pooled/$file.tflite" "$file" || fail "pools: TensorFlow Lite computes something else"
done
