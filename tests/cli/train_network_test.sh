# Other networks than LightGestureNet: built-in ones, and those of files.
expect_exit 0 "$MUDRA" train --data synthetic:64 --network ds-cnn --epochs 2 --batch 16 --out run
expect_text out "run/model.onnx: kept the"
[ ! -e run/model.pth ] && [ -e run/weights.pth ] || fail "the wrong files: $(ls run)"
expect_exit 0 "$MUDRA" inspect run/weights.pth
expect_text out "layers.3.4.num_batches_tracked  int64 []"
expect_exit 1 "$MUDRA" evaluate run/weights.pth --data synthetic:8
expect_one_line "give its .onnx, a .pth does not hold its structure"
expect_exit 0 "$MUDRA" evaluate run --data synthetic:16
expect_text out "palm"

# Interrupted after the first epoch, resumed: the same bytes, on any number of threads.
cp -r run resumed && rm resumed/model.onnx resumed/weights.pth
expect_exit 0 "$MUDRA" train --out resumed --resume
cmp run/model.onnx resumed/model.onnx || fail "resumed, the weights differ"
expect_exit 0 "$MUDRA" train --data synthetic:64 --network ds-cnn --epochs 2 --batch 16 --threads 1 --out one
cmp run/weights.pth one/weights.pth || fail "on one thread, the weights differ"

# A file's structure anew, and on from its weights.
expect_exit 0 "$MUDRA" train --data synthetic:64 --network run/model.onnx --epochs 1 --batch 16 --out anew
expect_exit 0 "$MUDRA" train --data synthetic:64 --from run --epochs 1 --batch 16 --average 0 \
  --learning-rate 1e-8 --out further
loss() { sed -n 's/.*"validation_loss":\([0-9.]*\).*/\1/p' "$1/metrics.jsonl" | tail -n 1; }
awk "BEGIN { exit !($(loss further) < $(loss anew)) }" || fail "from its weights $(loss further), anew $(loss anew)"
expect_exit 0 "$MUDRA" train --data synthetic:64 --channels 8,16/2 --expansion 2 --epochs 1 --batch 16 --out small
expect_exit 0 "$MUDRA" train --data synthetic:64 --from small --epochs 1 --batch 16 --out small_on
[ -e small_on/model.pth ] || fail "from a .pth it is no .pth"
cp further/model.onnx run/model.onnx
expect_exit 1 "$MUDRA" train --out anew --resume
expect_one_line "/network_fingerprint was"

# Pictures of another shape: built-in networks are made for them, rendered hands resized to them.
"$MUDRA" data synth --out hands --people 2 --per-class 4 --seed 1 >/dev/null 2>&1
"$MUDRA" data prepare hands --size 32x24 --color --out color.npz >/dev/null 2>&1
expect_exit 0 "$MUDRA" train --data color.npz --data synthetic:32 --network ds-cnn --epochs 1 --batch 16 --out color
expect_exit 0 "$MUDRA" inspect color/model.onnx
expect_text out "[1, 24, 32, 3]"
expect_exit 0 "$MUDRA" evaluate color --data color.npz
expect_exit 0 "$MUDRA" train --data synthetic:32 --from color --epochs 1 --batch 16 --out color_on
expect_exit 1 "$MUDRA" train --data color.npz --out refused
expect_one_line "light-gesture-net takes 96x96 gray pictures, and these are 32x24 colour; choose another --network"
rm -r hands

# What cannot be: one line, nothing written.
refused() {
  expect_exit 1 "$MUDRA" train --data synthetic:64 --out refused "${@:2}"
  expect_one_line "$1"
  [ ! -e refused ] || fail "a refused training left a folder"
}
refused "--network resnet: neither an .onnx file nor one of light-gesture-net, lenet" --network resnet
refused "--channels, --expansion and --activation are light-gesture-net's" --network lenet --channels 8,16/2
refused "--from brings its own network" --network lenet --from small
refused "nowhere.onnx" --network nowhere.onnx
mkdir own && for class in a b c; do
  mkdir own/$class && "$MUDRA" data synth --out hands --people 1 --per-class 2 --seed 1 >/dev/null 2>&1
  cp hands/s000/palm/*.png own/$class && rm -r hands
done
expect_exit 1 "$MUDRA" train --data own --split random --network one/model.onnx --out refused
expect_one_line "one/model.onnx: it tells 9 classes apart, and the pictures have 3 (a, b, c)"
