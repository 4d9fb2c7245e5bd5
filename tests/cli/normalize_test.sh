# How pixels become numbers: trained with, kept in every file, told of networks that do not say it, the same on a board.
source "$MUDRA_SOURCE/tests/cli/board_steps.sh"
"$MUDRA" data synth --out hands --people 3 --per-class 4 --seed 1 >/dev/null 2>&1
"$MUDRA" data prepare hands --size 32x24 --color --out color.npz >/dev/null 2>&1
hand=hands/s000/palm/0000.png
imagenet=0.485,0.456,0.406/0.229,0.224,0.225
answers() { "$MUDRA" predict "$@" $hand hands/s001/fist/0001.png --json 2>err; }
same() { cmp -s "$1" "$2" || { diff "$1" "$2" >&2; fail "$3"; }; }

# In colour, behind a padded convolution: kept by the network, its integers and the firmware.
expect_exit 0 "$MUDRA" train --data color.npz --network ds-cnn --normalize imagenet --epochs 3 --batch 16 --out run
cp -r run resumed && rm resumed/model.onnx
expect_exit 0 "$MUDRA" train --out resumed --resume
same run/model.onnx resumed/model.onnx "resumed, the network is another"
expect_exit 0 "$MUDRA" inspect run/model.onnx
expect_text out "normalization: $imagenet"
expect_text out "preprocessing: RGB, 32x24, (value / 255 - mean) / deviation"
expect_exit 0 "$MUDRA" quantize run --data color.npz --out run.espdl
expect_exit 0 "$MUDRA" inspect run.espdl
expect_text out "$imagenet"
expect_exit 0 "$MUDRA" test run.espdl
expect_text out "values as recorded; the engine gives the same"
expect_exit 0 "$MUDRA" evaluate run run.espdl --data color.npz
expect_exit 0 "$MUDRA" analyze run run.espdl --data color.npz --json
awk -F'[:,]' '/"logits_noise"/ { exit !($2 < 0.2) }' out || { cat out; fail "the integers are far from the network"; }
expect_exit 0 "$MUDRA" deploy run.espdl --out project
start_board tty --model project/model.espdl
expect_exit 0 monitor --model run.espdl $hand hands/s001/fist/0001.png
expect_exit 0 monitor --selftest

# The same network from a program that does not say it.
sed 's/normalization/normalizatiom/; s/preprocessing/preprocessinx/' run/model.onnx >foreign.onnx
answers run/model.onnx >run.json
answers foreign.onnx --normalize imagenet >foreign.json
same run.json foreign.json "told how, it answers otherwise"
[ ! -s err ] || fail "nothing was to be said: $(cat err)"
answers foreign.onnx --normalize $imagenet >foreign.json
same run.json foreign.json "told in numbers, it answers otherwise"
answers foreign.onnx >foreign.json
! cmp -s run.json foreign.json || fail "it answers as if told"
expect_exit 0 "$MUDRA" quantize foreign.onnx --normalize imagenet --data color.npz --out foreign.espdl
answers run.espdl >run.json
answers foreign.espdl >foreign.json
same run.json foreign.json "its integers answer otherwise"
expect_exit 0 "$MUDRA" evaluate foreign.onnx run.espdl --normalize imagenet --data color.npz
expect_exit 0 "$MUDRA" analyze foreign.onnx run.espdl --normalize imagenet --data color.npz
expect_exit 1 "$MUDRA" analyze foreign.onnx run.espdl --data color.npz
expect_one_line "run.espdl: its pixels are normalized with $imagenet, those of the float network with none"
expect_exit 0 "$MUDRA" export foreign.onnx --normalize imagenet --data color.npz --out exported --keep-going
expect_exit 0 "$MUDRA" inspect exported/model.tflite
expect_text out "normalization: $imagenet"
expect_exit 0 "$MUDRA" train --data color.npz --from foreign.onnx --normalize imagenet --epochs 1 --batch 16 --out on
expect_exit 0 "$MUDRA" inspect on/model.onnx
expect_text out "normalization: $imagenet"

# Integers that do not say it, and those that do.
sed 's/normalization/normalizatiom/; s/preprocessing/preprocessinx/' run.espdl >foreign.espdl
answers foreign.espdl --normalize imagenet >foreign.json
same run.json foreign.json "told how, the integers answer otherwise"
expect_exit 0 "$MUDRA" deploy foreign.espdl --normalize imagenet --out foreign
expect_exit 0 "$MUDRA" inspect foreign/model.espdl
expect_text out "$imagenet"
answers run.espdl --normalize 0.5/0.5 >foreign.json
same run.json foreign.json "what the file states was overruled"
expect_text err "run.espdl: it states itself how pixels become numbers ($imagenet); --normalize is not used"

# A network that states it trains on with that, or anew with another.
expect_exit 1 "$MUDRA" train --data color.npz --from run --normalize 0.5/0.5 --epochs 1 --batch 16 --out refused
expect_one_line "--from run: it was trained with --normalize $imagenet; leave --normalize out"
expect_exit 0 "$MUDRA" train --data color.npz --from run --epochs 1 --batch 16 --out on_too
expect_exit 0 "$MUDRA" inspect on_too/model.onnx
expect_text out "normalization: $imagenet"
expect_exit 0 "$MUDRA" train --data color.npz --network run/model.onnx --normalize none --epochs 1 --batch 16 --out anew
expect_exit 0 "$MUDRA" inspect anew/model.onnx
expect_text out "preprocessing: RGB, 32x24, value / 255"

# Gray, LightGestureNet's .pth, and every format it is exported to.
expect_exit 0 "$MUDRA" train --data synthetic:320 --channels 8,16/2 --expansion 2 --epochs 1 --normalize imagenet --out gray
expect_exit 0 "$MUDRA" inspect gray/model.pth
expect_text out '"normalization": "0.449/0.226"'
expect_exit 0 "$MUDRA" export gray --data synthetic:64 --out formats --keep-going
answers gray >run.json
answers formats/model.pth >foreign.json
same run.json foreign.json "the exported .pth answers otherwise"
for file in model.pth model.onnx model.tflite; do
  expect_exit 0 "$MUDRA" inspect formats/$file
  expect_text out "0.449/0.226"
done
expect_exit 0 "$MUDRA" quantize gray --data synthetic:64 --out gray.espdl
expect_exit 0 "$MUDRA" deploy gray.espdl --out gray_project
start_board gray_tty --model gray_project/model.espdl
expect_exit 0 "$MUDRA" monitor --port "$PWD/gray_tty" --model gray.espdl $hand

# Without padding the first convolution takes it in: the integers take value / 255.
expect_exit 0 "$MUDRA" train --data color.npz --network hand-gesture-cnn --normalize 0.5/0.25 --epochs 1 --batch 16 --out cnn
expect_exit 0 "$MUDRA" quantize cnn --data color.npz --out cnn.espdl --calibration minmax
expect_text out "the first layer took the normalization of pixels, 0.5/0.25, into its weights"
expect_exit 0 "$MUDRA" inspect cnn.espdl
expect_text out "RGB, 32x24, value / 255"
! grep -q normalization out || fail "it states a normalization that is in its weights"
expect_exit 0 "$MUDRA" analyze cnn cnn.espdl --data color.npz --json
awk -F'[:,]' '/"logits_noise"/ { exit !($2 < 0.2) }' out || { cat out; fail "the integers are far from the network"; }

# Without the option nothing speaks of it.
expect_exit 0 "$MUDRA" train --data synthetic:64 --channels 8,16/2 --expansion 2 --epochs 1 --batch 16 --out plain
! grep -qa normaliz plain/config.json plain/model.pth || fail "value / 255 is not what there is nothing to say of"

# What is none: wrong usage. What does not suit the pictures: one line, nothing written.
for rubbish in nan/1 0.5/0 0.5/-1 0.5/nan 0.5 1,2/1 0,0,0,0/1 0.5/1e-3 caffe ''; do
  expect_exit 2 "$MUDRA" train --data color.npz --network ds-cnn "--normalize=$rubbish" --out refused
  expect_text err "neither none nor imagenet nor MEAN/STD"
done
expect_exit 1 "$MUDRA" train --data synthetic:64 --network ds-cnn --normalize $imagenet --batch 16 --out refused
expect_one_line "--normalize: '$imagenet' is of three channels, and the pictures are gray"
expect_exit 1 "$MUDRA" predict plain/model.pth $hand --normalize $imagenet
expect_one_line "--normalize: '$imagenet' is of three channels, and the pictures are gray"
[ ! -e refused ] || fail "a refused training left a folder"
