#!/usr/bin/env bash
# quantization_quality.sh MUDRA SHARED: error against the float network on 512 pictures that were not used for
# calibration (1,088 others were), every calibration and recipe in one table.
set -euo pipefail
mudra=$1 reference=$2/data/reference-quantizer
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-/usr/bin/python3}" - "$reference/calib_u8.npy" "$folder" <<'END'
import sys
import numpy
pictures = numpy.load(sys.argv[1])
numpy.save(sys.argv[2] + "/calibration.npy", pictures[:1088])
numpy.save(sys.argv[2] + "/others.npy", pictures[1088:])
END

row() {  # TITLE OPTION...
  local title=$1
  shift
  "$mudra" quantize "$reference/relu6.onnx" --data "$folder/calibration.npy" --out "$folder/x.espdl" "$@" >/dev/null
  "$mudra" analyze "$reference/relu6.onnx" "$folder/x.espdl" --data "$folder/others.npy" --json |
    python3 -c 'import json, sys; d = json.load(sys.stdin); print("%-32s %8.2f %% %9.2f %%" % (sys.argv[1], 100 * d["logits_noise"], 100 * d["agreement"]))' "$title"
}
printf '%-32s %10s %11s\n' "" "noise" "same class"
row "int8 kl (the reference's default)" --calibration kl
row "int8 minmax" --calibration minmax
row "int8 percentile" --calibration percentile
row "int8 mse" --calibration mse
row "int8 search" --calibration search
row "mixed, layers.3 in 16 bits" --recipe mixed --bits '/layers/layers.3/conv/*=16'
row "best" --recipe best
