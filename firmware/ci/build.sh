#!/usr/bin/env bash
# build.sh BOARD [FRAGMENT...]: builds the firmware for a board as ESP-IDF's build does, with `idf.py` in the path or in one
# of ESP-IDF's images; FRAGMENTs are more files of settings. The program is in firmware/build/BOARD.
set -euo pipefail
[ $# -ge 1 ] || { sed -n '2,3s/^# //p' "$0" >&2; exit 2; }
cd "$(dirname "${BASH_SOURCE[0]}")/.."
board=$1
[ -f "boards/$board.defaults" ] || { echo "there is no boards/$board.defaults, only: $(cd boards && echo *)" >&2; exit 1; }
shift
defaults="sdkconfig.defaults;boards/$board.defaults"
for fragment in "$@"; do defaults+=";$fragment"; done
command -v idf.py >/dev/null || . "${IDF_PATH:?is not set: give the folder of ESP-IDF}/export.sh" >/dev/null
build=build/$board
idf.py -B "$build" -D SDKCONFIG="$build/sdkconfig" -D SDKCONFIG_DEFAULTS="$defaults" -D IDF_TARGET=esp32s3 build
idf.py -B "$build" -D SDKCONFIG="$build/sdkconfig" -D SDKCONFIG_DEFAULTS="$defaults" size | tee "$build/size.txt"
