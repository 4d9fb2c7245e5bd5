#!/usr/bin/env bash
# import_many.sh MUDRA [PEOPLE]: how long the page of `mudra studio` takes to import 180 pictures of each of so many people, 100,080
# in all unless fewer are asked for, in headless Chromium; then it imports them again, of which nothing is kept. Needs chromium and
# tests/consumers/install.sh.
set -euo pipefail
. "$(dirname "$0")/page_place.sh"
"$mudra" data synth --out hands --people "${2:-556}" --per-class 20 2>/dev/null
"$mudra" studio my-hands --no-open >link &
studio=$!
until [ -s link ]; do sleep 0.1; done
node "$source_folder/bench/import_many.mjs" "$(cat link)" hands
echo "$(find my-hands/pictures -name '*.png' | wc -l) pictures are there; the studio took at most $(awk '/VmHWM/ { print int($2 / 1024) }' /proc/$studio/status) MB"
