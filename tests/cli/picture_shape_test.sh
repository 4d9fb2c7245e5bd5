# Pictures have the shape that the model takes: prepared so, resized where they are rendered, sent so to a board.
source "$MUDRA_SOURCE/tests/cli/board_steps.sh"
need_numpy
"$MUDRA_GESTURE_MODEL" color.espdl color
"$MUDRA_GESTURE_MODEL" gray.espdl
# Photographs: the red one and the green one have the same gray.
"$NUMPY_PYTHON" - <<'END'
import os, zlib, struct
def png(path, color):
    rows = b"".join(b"\0" + bytes(color) * 200 for _ in range(100))
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    open(path, "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 200, 100, 8, 2, 0, 0, 0))
                           + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
png("photos/fist/red.png", (255, 0, 0))
png("photos/palm/green.png", (0, 130, 0))
END

# prepare: size and colour, told and kept; gray of 96x96 unless said otherwise.
expect_exit 0 "$MUDRA" data prepare photos --size 64x48 --color --out color.npz
expect_text out "each 64x48 colour"
expect_exit 0 "$MUDRA" data prepare photos --out gray.npz --json
expect_text out '"width": 96'
"$NUMPY_PYTHON" - <<'END' || fail "the arrays are others"
import numpy
color, gray = numpy.load("color.npz")["images"], numpy.load("gray.npz")["images"]
assert color.shape == (2, 48, 64, 3) and color.dtype == numpy.uint8, color.shape
assert color[0, 5, 7].tolist() == [255, 0, 0] and color[1, 47, 63].tolist() == [0, 130, 0]
assert gray.shape == (2, 96, 96) and (gray == 76).all()
END
for size in 64 64x 7x64 64x513 64x64x3 x 1e1x64 -8x64; do
  expect_exit 1 "$MUDRA" data prepare photos "--size=$size" --out none.npz
  expect_one_line "--size '$size': give WIDTHxHEIGHT, such as 96x96, with sides of 8 to 512"
done
expect_exit 0 "$MUDRA" data info color.npz --sheet sheet.png
expect_text out "2 pictures, 64x48 colour"
expect_exit 0 "$MUDRA" data info color.npz --sheet changed.png --augment mild
cmp -s sheet.png changed.png && fail "nothing was changed"

# A model judges pictures of its own shape: colour is seen, files, folders and rendered hands fit by themselves.
expect_exit 0 "$MUDRA" predict color.espdl photos/fist/red.png photos/palm/green.png --json
"$NUMPY_PYTHON" - <<'END' || fail "the colour was not seen"
import json
red, green = (picture["integer"] for picture in json.load(open("out")))
assert red != green
END
expect_exit 0 "$MUDRA" predict gray.espdl photos/fist/red.png photos/palm/green.png --json
"$NUMPY_PYTHON" - <<'END' || fail "the grays differ"
import json
red, green = (picture["integer"] for picture in json.load(open("out")))
assert red == green
END
expect_exit 0 "$MUDRA" predict color.espdl photos/fist/red.png --picture
expect_exit 0 "$MUDRA" evaluate color.espdl --data color.npz --json
cp out from_arrays.json
expect_exit 0 "$MUDRA" evaluate color.espdl --data photos --json
"$NUMPY_PYTHON" - <<'END' || fail "a folder is judged otherwise than what was prepared of it"
import json
one, other = json.load(open("from_arrays.json")), json.load(open("out"))
assert one["accuracy"] == other["accuracy"] and one["confusion"] == other["confusion"]
END
expect_exit 0 "$MUDRA" evaluate color.espdl gray.espdl --data photos
expect_exit 1 "$MUDRA" evaluate color.espdl --data gray.npz
expect_one_line "gray.npz: its pictures are 96x96 gray, and 64x48 colour are needed; prepare them with \`mudra data prepare --size 64x48 --color\`"

# monitor sends the board what its model takes; both compute the same.
expect_exit 0 "$MUDRA" deploy color.espdl --out project
start_board tty --model project/model.espdl
expect_exit 0 "$MUDRA" monitor --port tty --model color.espdl photos/fist/red.png photos/palm/green.png --bench 3 --json
cp out board.json
expect_exit 0 "$MUDRA" predict color.espdl photos/fist/red.png photos/palm/green.png --json
"$NUMPY_PYTHON" - <<'END' || fail "the board answers otherwise"
import json
board = [image["board"][0]["integer"] for image in json.load(open("board.json"))["images"]]
assert board == [picture["integer"] for picture in json.load(open("out"))], board
END
expect_exit 0 "$MUDRA" monitor --port tty --bench 2
expect_exit 1 "$MUDRA" monitor --port tty --model color.espdl --published photos/fist/red.png  # of as many bytes
expect_one_line "the published firmware's pictures are 96x96 gray, and the model takes [1, 48, 64, 3]"

# Networks of other programs; of the chip's maker, one of 128x128 colour pictures, as it is.
need_shared
vendor=$MUDRA_SHARED/vendor-models/s3_mobilenetv2_0_5_128_128_gesture.espdl
expect_exit 0 "$MUDRA" predict "$vendor" photos/fist/red.png photos/palm/green.png --json
"$NUMPY_PYTHON" - <<'END' || fail "the colour was not seen"
import json
red, green = (picture["integer"] for picture in json.load(open("out")))
assert red != green and len(red) == len(green) > 1
END
expect_exit 1 "$MUDRA" evaluate "$vendor" --data gray.npz
expect_text err "prepare --size 128x128 --color"
faults=$MUDRA_SHARED/data/faults/networks-and-pictures
for network in rgb size64; do
  expect_exit 0 "$MUDRA" quantize "$faults/$network.onnx" --data synthetic:64 --out $network.espdl --calibration minmax
  expect_text err "synthetic:64: hands are rendered 96x96 gray and resized to"
  expect_exit 0 "$MUDRA" predict $network.espdl photos/fist/red.png
  expect_exit 0 "$MUDRA" analyze "$faults/$network.onnx" $network.espdl --data photos
  expect_exit 0 "$MUDRA" export "$faults/$network.onnx" --data synthetic:64 --out $network --keep-going
  expect_exit 0 "$MUDRA" predict $network/model.onnx photos/fist/red.png
  expect_exit 0 "$MUDRA" test $network.espdl
done
