# Weights that are no numbers, wherever they are: one line and exit 1 from every command that takes the file, and nothing
# written; so too integers that know the float network's class by luck alone.
data=$MUDRA_SOURCE/tests/cli/data
cp "$data"/{named.pth,hand.png} .
"$MUDRA" data synth --out hands --per-class 4 --seed 5 --without-none >/dev/null 2>&1
expect_exit 0 "$MUDRA" export named.pth --data hands --out exported
train=("$MUDRA" train --channels 16,16/2 --expansion 2 --activation relu)
"${train[@]}" --data synthetic:80 --epochs 1 --out run >/dev/null 2>&1
"${train[@]}" --data synthetic:800,light=infrared,none=0 --epochs 4 --out able >/dev/null 2>&1

# Each of NaN and infinity at the first place of each array of floats of named.pth: ./nan_N.pth, ./inf_N.pth; at the
# classifier's bias, which no folding changes, of the exported files: ./nan.onnx ...; in a checkpoint: ./nan.npz ...
/usr/bin/python3 - <<'PYTHON'
import pathlib, re, struct, zipfile

def change(source, target, entry, number):  # `number`: floats in place of the first of the entry's data
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for info in old.infolist():
            data = old.read(info)
            if info.filename == entry:
                at = 0 if not entry.endswith(".npy") else 10 + struct.unpack_from("<H", data, 8)[0]
                data = data[:at] + number + data[at + len(number):]
            new.writestr(info.filename, data)

kinds = {"nan": struct.pack("<f", float("nan")), "inf": struct.pack("<f", float("-inf"))}
with zipfile.ZipFile("named.pth") as archive:
    arrays = {name: archive.read(name) for name in archive.namelist() if re.search(r"/data/\d+$", name)}
floats = {name: values for name, values in arrays.items() if len(values) % 8 or len(values) > 8}
bias = min(floats.values(), key=len)
assert len(bias) == 12, len(bias)
for kind, number in kinds.items():
    for name in floats:
        change("named.pth", f"{kind}_{name.rsplit('/')[-1]}.pth", name, number)
    for file in pathlib.Path("exported").iterdir():
        if file.suffix != ".pth" and "int8" not in file.name:
            whole = file.read_bytes()
            assert whole.count(bias) == 1, file
            pathlib.Path(kind + file.suffix).write_bytes(whole.replace(bias, number + bias[4:]))
    with zipfile.ZipFile("run/checkpoint.npz") as archive:
        name = next(name for name in archive.namelist() if name.startswith("network") and "weight" in name)
    change("run/checkpoint.npz", kind + ".npz", name, number)
change("named.pth", "huge.pth", next(iter(floats)), struct.pack("<f", 1e20))

# The same large bias for all classes: what tells them apart is far below a step of the chip's integers.
with zipfile.ZipFile("able/model.pth") as archive:
    biases = [name for name in archive.namelist() if re.search(r"/data/\d+$", name) and len(archive.read(name)) == 8 * 4]
    values = struct.unpack("<8f", archive.read(biases[-1]))
assert len(biases) == 1, biases
change("able/model.pth", "lost.pth", biases[0], struct.pack("<8f", *(value + 3e4 for value in values)))
PYTHON

refused() {  # refused MODEL COMMAND...
  refused_as "$1: " "${@:2}"
  grep -qE 'not finite|holds -?(nan|inf)' err || fail "it does not say what is wrong"
}
refused_as() {  # refused_as TEXT COMMAND...
  local text=$1
  shift
  expect_exit 1 "$@"
  expect_one_line "$text"
  [ ! -s out ] && [ ! -e x.espdl ] && [ ! -e x ] || fail "something came of: $*"
}
[ "$(ls nan_*.pth inf_*.pth | wc -l)" -ge 40 ] || fail "too few places were tried"
for model in nan_*.pth inf_*.pth nan.onnx inf.onnx nan.tflite inf.tflite; do
  refused "$model" "$MUDRA" predict "$model" hand.png
done
for model in nan_0.pth inf_0.pth nan.onnx inf.onnx nan.tflite inf.tflite; do
  refused "$model" "$MUDRA" evaluate "$model" --data hands
  refused "$model" "$MUDRA" quantize "$model" --data hands --out x.espdl
  refused "$model" "$MUDRA" export "$model" --data hands --out x
done
for kind in nan inf; do
  cp $kind.npz run/checkpoint.npz
  refused run/checkpoint.npz "$MUDRA" train --out run --resume
done

for recipe in int8 equalized best; do
  refused_as "huge.pth: 'first.0.weight' holds " "$MUDRA" quantize huge.pth --data hands --out x.espdl --recipe $recipe
  expect_text err "which cannot be quantized"
  refused_as "lost.pth: its integers give the float network's class for " \
    "$MUDRA" quantize lost.pth --data hands --out x.espdl --recipe $recipe
  expect_text err "no better than guessing, so nothing is written; its largest weight is 3000"
done

# Files that people met.
[ -n "${MUDRA_SHARED:-}" ] || exit 0
for model in "$MUDRA_SHARED"/data/faults/{nan,inf}_in_first_conv.pth "$MUDRA_SHARED"/data/faults/inf_first_conv.pth; do
  [ ! -e "$model" ] || refused "$model" "$MUDRA" predict "$model" hand.png
done
