# Every recipe writes a file that the chip's engine and the simulator agree on; what cannot be quantized leaves nothing.
"$MUDRA" train --data synthetic:400,light=infrared --epochs 3 --out run >/dev/null 2>&1

expect_exit 0 "$MUDRA" quantize run --data synthetic:96 --out int8.espdl --json
/usr/bin/python3 - <<'END' || fail "the JSON is not as promised"
import json, os
d = json.load(open("out"))
assert d["recipe"] == "int8" and d["calibration"] == "search" and d["bytes"] == os.path.getsize("int8.espdl"), d
assert d["exponents"]["input"] == -7 and len(d["exponents"]) > 40
assert d["test_vectors"] == 8 and d["cpu_seconds"] > 0 and d["logits_noise"] < 0.5 and d["wide_nodes"] == []
END
expect_exit 0 "$MUDRA" inspect int8.espdl
expect_text out "test vectors: 8"
expect_text out "classes: palm"

# When a class is shown: chosen on what validated the RUN, so that few pictures are shown wrongly.
for most in 1 5; do
  expect_exit 0 "$MUDRA" quantize run --data synthetic:96 --out rule.espdl --max-wrong $most% --json
  [ $most != 5 ] || cmp rule.espdl int8.espdl || fail "5 % is not the default"
  /usr/bin/python3 - $most <<'END' || fail "the rule is not as promised"
import json, sys
d = json.load(open("out"))["decision"]
assert d["chosen_on"] == "900 validation pictures of run" and d["pictures"] == 4, d
assert 0.6 <= d["enter"] <= 0.9999 and abs(d["leave"] - 0.75 * d["enter"]) < 1e-4, d
assert d["wrong"] <= float(sys.argv[1]) / 100 or d["enter"] == 0.9999, d
assert abs(d["right"] + d["unknown"] + d["wrong"] - 1) < 1e-12, d
json.dump(d, open(sys.argv[1] + ".json", "w"))
END
done
/usr/bin/python3 -c 'import json; a, b = (json.load(open(f + ".json")) for f in ("1", "5")); assert a["enter"] >= b["enter"] and a["right"] <= b["right"], (a, b)' ||
  fail "more may be wrong, and no more is shown"
expect_exit 0 "$MUDRA" evaluate rule.espdl --data synthetic:96
grep -qF "shown from $(/usr/bin/python3 -c 'import json; print("%.2f" % (100 * json.load(open("5.json"))["enter"]))') % on" out ||
  fail "evaluate does not go by the model's rule"
mkdir elsewhere
cp run/model.pth elsewhere
expect_exit 0 "$MUDRA" quantize elsewhere --data synthetic:96 --out rule.espdl
expect_text out "chosen on 108 calibration pictures of synthetic:96: right"
/usr/bin/python3 - <<'END'
import struct
header = b"{'descr': '|u1', 'fortran_order': False, 'shape': (40, 96, 96), }"
header += b" " * (-(len(header) + 11) % 64) + b"\n"
import random
open("bare.npy", "wb").write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + random.Random(1).randbytes(40 * 9216))
END
expect_exit 0 "$MUDRA" quantize elsewhere --data bare.npy --out bare.espdl --calibration minmax
expect_text out "shown from 80.00 % on, until below 60.00 %, over 4 pictures; no labelled pictures to choose that on"
expect_exit 0 "$MUDRA" inspect bare.espdl
! grep -q decision_ out || fail "a rule that nothing chose is stated"
rm bare.espdl
expect_exit 1 "$MUDRA" quantize elsewhere --data bare.npy --out bare.espdl --max-wrong 1%
expect_one_line "--max-wrong needs pictures that are labelled with the network's classes, and bare.npy has none"
expect_exit 1 "$MUDRA" quantize run --data synthetic:96 --out bare.espdl --max-wrong 1
expect_one_line "--max-wrong: '1' is no share"
[ ! -e bare.espdl ] || fail "a file was written"

# The same model with its weights packed behind it.
expect_exit 0 "$MUDRA" quantize run --data synthetic:96 --out packed.espdl --packed --json
/usr/bin/python3 - <<'END' || fail "the packed weights are not as promised"
import json, os
d, plain, packed = json.load(open("out")), open("int8.espdl", "rb").read(), open("packed.espdl", "rb").read()
assert packed.startswith(plain) and len(packed) == d["bytes"] + d["packed_bytes"] and d["packed_bytes"] > 10000, d
END
expect_exit 0 "$MUDRA" inspect packed.espdl
expect_text out "bytes of packed weights behind the model, used where they lie"
expect_exit 0 "$MUDRA" test packed.espdl
expect_exit 0 "$MUDRA" evaluate int8.espdl packed.espdl --data synthetic:16 --json
/usr/bin/python3 -c 'import json; assert json.load(open("out"))["models"][1]["agreement"] == 1' || fail "packed weights change answers"

# The same bytes for any number of threads.
for threads in 1 3; do
  expect_exit 0 "$MUDRA" quantize run --data synthetic:96 --out best$threads.espdl --recipe best --threads $threads
done
expect_text out "the simulator and the chip's engine agree"
cmp best1.espdl best3.espdl || fail "the number of threads changes the file"

expect_exit 0 "$MUDRA" quantize run --data synthetic:32 --out mixed.espdl --recipe mixed --bits 'layers.3.conv.*=16' \
  --calibration minmax
expect_text out "in 16 bits: layers.3.conv.0, layers.3.conv.3, layers.3.conv.6"
expect_exit 0 "$MUDRA" quantize run --data synthetic:32 --out budget.espdl --recipe mixed --budget bytes=8000 \
  --calibration minmax
expect_text out "<- chosen"
expect_exit 0 "$MUDRA" quantize run --data synthetic:32 --out time.espdl --recipe mixed --budget us=9000 \
  --calibration minmax
expect_text out "us, estimated"
expect_exit 0 "$MUDRA" profile time.espdl --json
/usr/bin/python3 -c 'import json; assert json.load(open("out"))["us"] <= 9000' || fail "the budget of time is not kept"
expect_exit 1 "$MUDRA" quantize run --data synthetic:32 --out slow.espdl --recipe mixed --budget us=100 --calibration minmax
expect_one_line "of the 100 of the budget"
expect_exit 0 "$MUDRA" quantize run --data synthetic:32 --out equalized.espdl --recipe equalized
expect_text out "ReLU6 became ReLU, another function"
expect_text out "pairs of layers equalized"

expect_exit 0 "$MUDRA" analyze run int8.espdl --data synthetic:32 --json
/usr/bin/python3 - <<'END' || fail "the JSON of analyze is not as promised"
import json
d = json.load(open("out"))
assert len(d["graphwise"]) == len(d["layerwise"]) == 14 and d["images"] == 36
for field in ("logits_noise", "agreement", "saturation", "range_used", "exponents", "liked_exponents"):
    assert field in d, field
assert d["quantize_again"] is False and d["too_narrow"] == []
assert d["saturation"].keys() == d["exponents"].keys()
END
expect_exit 0 "$MUDRA" analyze run best1.espdl --data synthetic:32
expect_text out "graphwise"
expect_text out "ranges: they suit these pictures"

# All of them side by side.
expect_exit 0 "$MUDRA" evaluate run int8.espdl best1.espdl mixed.espdl --data synthetic:64 --json
/usr/bin/python3 - <<'END' || fail "the table of evaluate is not as promised"
import json
models = json.load(open("out"))["models"]
assert [m["model"] for m in models] == ["run", "int8.espdl", "best1.espdl", "mixed.espdl"]
assert models[0]["agreement"] == 1 and models[0]["arena_bytes"] is None and models[1]["arena_bytes"] > 10000
assert models[0]["chip_us"] is None and models[1]["chip_us_range"][0] < models[1]["chip_us"] < models[1]["chip_us_range"][1]
assert len({m["multiply_adds"] for m in models}) == 1 and models[0]["multiply_adds"] > 10**7
assert all(len(m["subjects"]) == len(models[0]["subjects"]) > 0 for m in models)
END
expect_exit 0 "$MUDRA" evaluate run int8.espdl --data synthetic:64
expect_text out "accuracy by subject"

refused() {  # TEXT OPTION...
  local text=$1
  shift
  expect_exit 1 "$MUDRA" quantize run --data synthetic:16 --out no.espdl "$@"
  expect_one_line "$text"
  [ ! -e no.espdl ] || fail "a file was written: $*"
}
refused "target 'esp32p4'" --target esp32p4
refused "there is no node 'layers.9*'" --recipe mixed --bits 'layers.9*=16'
refused "give NODE=8 or NODE=16" --recipe mixed --bits 'layers.3*=12'
refused "needs either --bits" --recipe mixed
refused "belong to --recipe mixed" --bits 'layers.3*=16'
refused "give bytes=N, macs=P% or us=N" --recipe mixed --budget 20
expect_exit 1 "$MUDRA" quantize int8.espdl --data synthetic:16 --out no.espdl
expect_one_line "an integer model"
expect_exit 1 "$MUDRA" quantize run --data synthetic:16 --out /proc/no.espdl
expect_one_line "/proc/no.espdl"

# The firmware passes all test vectors of a file in 16 bits too, and each says what every node has to make.
source "$MUDRA_SOURCE/tests/cli/board_steps.sh"
start_board tty --model mixed.espdl
expect_exit 0 monitor --selftest
expect_text out "self-test 8 of mudra: equal"
expect_exit 0 "$MUDRA" inspect mixed.espdl
expect_text out "trace.7: "

# Ctrl-C leaves nothing behind.
"$MUDRA" quantize run --data synthetic:16000 --out stopped.espdl --recipe best 2>err &
sleep 1
kill -INT $!
wait $! && fail "it went on after Ctrl-C"
expect_one_line "interrupted"
[ -z "$(ls -A | grep stopped || true)" ] || fail "something was left behind"
