# On pictures not used for calibration: best against what the reference's settings reach (3.5 % and 96.5 %).
need_shared
need_numpy
reference=$MUDRA_SHARED/data/reference-quantizer
"$NUMPY_PYTHON" - "$reference/calib_u8.npy" <<'END'
import sys
import numpy
pictures = numpy.load(sys.argv[1])
numpy.save("calibration.npy", pictures[:1088])
numpy.save("others.npy", pictures[1088:])
END
expect_exit 0 "$MUDRA" quantize "$reference/relu6.onnx" --data calibration.npy --out best.espdl --recipe best --json
/usr/bin/python3 -c 'import json; assert json.load(open("out"))["wide_nodes"] == []' || fail "not int8 throughout"
expect_exit 0 "$MUDRA" analyze "$reference/relu6.onnx" best.espdl --data others.npy --json
/usr/bin/python3 - <<'END' || fail "best is not good enough"
import json
d = json.load(open("out"))
print(d["logits_noise"], d["agreement"])
assert d["images"] == 512 and d["logits_noise"] <= 0.015 and d["agreement"] >= 0.975
END
