# Sourced with the arguments of a benchmark of the page: $mudra, $source_folder, what browser.mjs needs, and an empty folder to be in,
# which goes at the end, as what runs in it does.
mudra=$(realpath "$1")
source_folder=$(realpath "$(dirname "${BASH_SOURCE[0]}")/..")
export CONSUMERS=${MUDRA_CONSUMERS:-$source_folder/build/consumers}
place=$(mktemp -d)
trap 'kill -INT $(jobs -p) 2>/dev/null || true; wait; rm -rf "$place"' EXIT
cd "$place"
