#!/usr/bin/env bash
# instructions_on_s3.sh FOLDER: instructions of one picture of the published INT8 model with the kernels for the vector unit,
# counted on the virtual chip, beside those of other runtimes, which were counted for the same model earlier. FOLDER is that of the
# benchmarks.
set -euo pipefail
mudra=$1/../mudra/cli/mudra
model=${MUDRA_SHARED:-}/data/published/models/gesture_model_int8.espdl
[ -f "$model" ] || { echo "no model; set MUDRA_SHARED"; exit 0; }
"$mudra" profile "$model" --json | /usr/bin/python3 -c '
import json, sys
profile = json.load(sys.stdin)
kernels, instructions, multiply_adds = (profile[k] for k in ("vector_instructions", "instructions", "multiply_adds"))
limit = 1_450_000
print(f"{kernels:12,}  in kernels, of {limit:,} allowed; {multiply_adds / kernels:.1f} multiply-adds each")
print(f"{instructions:12,}  with the C++ around them, reckoned")
for name, count in (("the vendor'"'"'s runtime, the original file", 34_300_000), ("the same with table Clips", 7_700_000), ("the same without Clips", 3_900_000)):
    print(f"{count:12,}  {name}: {count / instructions:.1f} times as many")
sys.exit(kernels > limit)'
