#!/usr/bin/env bash
# engine_on_xtensa.sh FOLDER: how many instructions the portable kernels take for one picture, in all and by
# node, and how many the engine's C++ takes around the vector kernels, counted on an emulated Xtensa LX106. The
# numbers are exact: every run gives the same.
set -euo pipefail
folder=$(cd "$1" && pwd)/xtensa
xtensa=$(cd "$(dirname "${BASH_SOURCE[0]}")/../tests/xtensa" && pwd)
published=${MUDRA_SHARED:-}/data/published
[ -d "$published" ] || { echo "no model; set MUDRA_SHARED"; exit 0; }
bash "$xtensa/build.sh" "$folder" >"$folder.log" 2>&1 || { cat "$folder.log"; exit 0; }

# count MODEL RECORDED BYTES: the picture is the first BYTES of a recorded run.
count() {
  head -c "$3" "$published/activations/$2.bin" >"$folder/picture"
  COUNT=1 bash "$xtensa/run.sh" "$folder" "$published/models/$1" "$folder/picture" >"$folder/out" 2>"$folder/marks"
  echo "$1:"
  awk 'NR == FNR { if ($1 == "node") name[$2] = $3; next }
       $1 == "mark" && $2 < 127 { total += $3; if ($2 < 126) printf "  %12d  %s\n", $3, name[$2]; else engine = $3 }
       END { printf "  %12d  everything else\n  %12d  instructions for one picture\n", engine, total }' \
    "$folder/out" "$folder/marks"
  COUNT=1 PROGRAM=empty_kernels bash "$xtensa/run.sh" "$folder" "$published/models/$1" "$folder/picture" 2>&1 >"$folder/out" |
    awk '$1 == "mark" && $2 == 126 { printf "  %12d  of them around kernels, if these are for the vector unit\n", $3 }'
}
count gesture_model_int8.espdl gesture_model_int8__frame_00_07_0084 9216
count gesture_model_mixed.espdl gesture_model_mixed__frame_00_07_0084 18432
