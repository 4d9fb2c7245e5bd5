#!/usr/bin/env bash
# build.sh FOLDER: builds scores.elf, the device sources and a test program for an emulated Xtensa, empty_kernels.elf,
# the same with vector kernels that do nothing, empty_kernels_by_node.elf, and instructions.so, which counts instructions,
# in FOLDER. Exit 77 with a message if a package is missing.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
device=$here/../../device
headers=$(echo /usr/include/newlib/c++/*/arm-none-eabi)
for tool in xtensa-lx106-elf-gcc qemu-system-xtensa; do
  command -v $tool >/dev/null || { echo "$tool is missing: scripts/setup.sh xtensa"; exit 77; }
done
[ -d "$headers" ] || { echo "C++ headers are missing: scripts/setup.sh xtensa"; exit 77; }

mkdir -p "$1"
cd "$1"
flags=(-O2 -Wall -Wextra -Werror -ffunction-sections -fdata-sections -I"$device/include" -I"$device/s3/include" -I"$device/..")
cxx=("${flags[@]}" -std=c++20 -fno-exceptions -fno-rtti -fno-threadsafe-statics
     -nostdinc++ -isystem "$(dirname "$headers")" -isystem "$headers")
mkdir -p device device_s3
for source in "$device"/s3/*.cpp; do
  xtensa-lx106-elf-gcc "${cxx[@]}" -c "$source" -o "device_s3/$(basename "$source" .cpp).o"
done
for source in "$device"/src/*.cpp; do
  xtensa-lx106-elf-gcc "${cxx[@]}" -c "$source" -o "device/$(basename "$source" .cpp).o"
done
for source in scores platform_xtensa; do
  xtensa-lx106-elf-gcc "${cxx[@]}" -c "$here/$source.cpp" -o $source.o
done
xtensa-lx106-elf-gcc "${cxx[@]}" -DEMPTY_KERNELS -DUNMARKED -c "$here/scores.cpp" -o empty_kernels.o
xtensa-lx106-elf-gcc "${cxx[@]}" -DEMPTY_KERNELS -c "$here/scores.cpp" -o empty_kernels_by_node.o
xtensa-lx106-elf-gcc "${flags[@]}" -fno-tree-loop-distribute-patterns -c "$here/builtins.c" -o builtins.o
xtensa-lx106-elf-gcc -c "$here/start.S" -o start.o
link() {
  xtensa-lx106-elf-gcc -nostdlib -T "$here/sim.ld" -Wl,--gc-sections start.o "$@" platform_xtensa.o device/*.o builtins.o \
    -lgcc -o "${1%.o}.elf"
}
link scores.o
link empty_kernels.o device_s3/*.o
link empty_kernels_by_node.o device_s3/*.o
cc -O2 -fPIC -shared "$here/instructions.c" -o instructions.so
