#!/usr/bin/env bash
# run.sh FOLDER ARGUMENT...: runs FOLDER/scores.elf, or PROGRAM.elf, with the arguments; with COUNT set,
# "mark N INSTRUCTIONS" on stderr after that.
set -euo pipefail
folder=$1
shift
arguments=(-semihosting-config "enable=on,target=native,arg=scores$(printf ',arg=%s' "$@")")
[ -z "${COUNT:-}" ] || arguments+=(-plugin "$folder/instructions.so")
exec timeout 300 qemu-system-xtensa -M sim -cpu lx106 -m 16M -nographic -monitor none -serial none \
  "${arguments[@]}" -kernel "$folder/${PROGRAM:-scores}.elf"
