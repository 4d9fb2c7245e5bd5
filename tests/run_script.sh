#!/usr/bin/env bash
# run_script.sh SCRIPT FOLDER: runs one behaviour script in a fresh FOLDER.
set -euo pipefail
script=$1 folder=$2
rm -rf "$folder"
mkdir -p "$folder"
cd "$folder"
source "$(dirname "${BASH_SOURCE[0]}")/script_steps.sh"
source "$script"
