#!/usr/bin/env bash
# install.sh FOLDER: installs the runtimes that exported files are tested with (ONNX Runtime, TensorFlow Lite) into
# FOLDER/node_modules, as package-lock.json pins them. No package's own scripts are run.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$1
command -v npm >/dev/null || bash "$here/../../scripts/setup.sh" npm
mkdir -p "$folder"
cmp -s "$here/package-lock.json" "$folder/package-lock.json" && [ -f "$folder/installed" ] && exit 0
rm -rf "$folder/node_modules" "$folder/installed"
cp "$here/package.json" "$here/package-lock.json" "$folder"
npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --loglevel=error >&2
touch "$folder/installed"
