#!/usr/bin/env bash
# live_frames.sh MUDRA: how many frames a second the page of `mudra studio --export` judges, in headless Chromium on one core, of a
# camera that gives 30. Needs chromium and tests/consumers/install.sh.
set -euo pipefail
. "$(dirname "$0")/page_place.sh"
"$mudra" data synth --out hands --people 2 --per-class 1 --light visible 2>/dev/null
"$mudra" train --data synthetic:64 --epochs 1 --out run >/dev/null 2>&1
"$mudra" quantize run --data synthetic:64 --out run/best.espdl >/dev/null 2>&1
"$mudra" studio run --export site >/dev/null
taskset -c 0 node "$source_folder/bench/live_frames.mjs" site hands/*/*/*.png
