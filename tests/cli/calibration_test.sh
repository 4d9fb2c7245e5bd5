# Which pictures calibrate, and what is said when they tell little about the ranges a network will see.
"$MUDRA" data synth --out hands --per-class 2 --people 3 --without-none 2>/dev/null >&2
"$MUDRA" train --data hands --epochs 2 --out run >/dev/null 2>&1

gray_pictures() {  # FILE GRAY...: a .npy of pictures that are one gray throughout, or noise for "x"
  /usr/bin/python3 - "$@" <<'END'
import random, struct, sys
side, grays = 96 * 96, sys.argv[2:]
header = "{'descr': '|u1', 'fortran_order': False, 'shape': (%d, 96, 96), }" % len(grays)
header += " " * (-(len(header) + 11) % 64) + "\n"
with open(sys.argv[1], "wb") as out:
    out.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
    for i, gray in enumerate(grays):
        out.write(random.Random(i).randbytes(side) if gray == "x" else bytes([int(gray)]) * side)
END
}

# Flat pictures, where they are more than half; a single one.
gray_pictures black.npy 0 0 0 0
gray_pictures grays.npy 0 128 255 x
gray_pictures half.npy 0 128 x x
gray_pictures one.npy x
expect_exit 0 "$MUDRA" quantize run --data black.npy --out x.espdl --calibration minmax
expect_text err "warning: 4 of 4 calibration pictures of black.npy are one gray throughout"
expect_exit 0 "$MUDRA" quantize run --data grays.npy --out x.espdl --calibration minmax
expect_text err "warning: 3 of 4 calibration pictures of grays.npy are one gray throughout"
! grep -q "one picture calibrates" err || fail "four pictures were called one"
expect_exit 0 "$MUDRA" quantize run --data half.npy --out x.espdl --calibration minmax
[ ! -s err ] || { cat err >&2; fail "a warning without a reason"; }
expect_exit 0 "$MUDRA" quantize run --data one.npy --out x.espdl --calibration minmax
expect_text err "warning: one picture calibrates"
! grep -q "one gray" err || fail "noise was called flat"
expect_exit 0 "$MUDRA" export run --data black.npy --out exported --keep-going
expect_text err "warning: 4 of 4 calibration pictures of black.npy are one gray throughout"

# Of a set that states a split the training part calibrates, and analyze looks at the others.
mkdir split
cp -r hands/s000 split/train
cp -r hands/s001 split/valid
cp -r hands/s002 split/test
expect_exit 0 "$MUDRA" data prepare split/train --out train.npz
for set in split split.npz; do
  [ $set = split ] || expect_exit 0 "$MUDRA" data prepare split --out split.npz
  expect_exit 0 "$MUDRA" quantize run --data $set --out of_$set.espdl
  expect_text err "$set: calibrates with its training part: 16 of 48 pictures (16 train, 16 valid, 16 test)"
  expect_text out "calibrated on 16 pictures"
  expect_exit 0 "$MUDRA" analyze run of_$set.espdl --data $set
  expect_text err "$set: looks outside of its training part: 32 of 48 pictures"
  expect_text out "32 pictures, of which"
done
expect_exit 0 "$MUDRA" quantize run --data train.npz --out alone.espdl
[ ! -s err ] || { cat err >&2; fail "a word about a split that is not stated"; }
cmp alone.espdl of_split.espdl || fail "more than the training part calibrated"
cmp alone.espdl of_split.npz.espdl || fail "more than the training part of the .npz calibrated"
expect_exit 0 "$MUDRA" export run --data train.npz --out of_train --keep-going
expect_exit 0 "$MUDRA" export run --data split --out of_all --keep-going
expect_text err "calibrates with its training part: 16 of 48 pictures"
diff -r of_train of_all || fail "the int8 .tflite was calibrated on more than the training part"

# Another split than the stated one, once chosen, is the only one.
expect_exit 0 "$MUDRA" data split split --split random --out frames
expect_exit 0 "$MUDRA" quantize run --data frames/seen.npz --out x.espdl --calibration minmax
[ ! -s err ] || { cat err >&2; fail "frames split at random still state the set's own split"; }
