# What a firmware must bring along for the device sources: a few functions of memory, and what GCC itself calls
# for wide integers, and for floats where the processor has none. No heap, no exceptions, no run-time type information, no printf, no global constructors
# and no variables outside of the caller's memory.
device=$MUDRA_SOURCE/device
flags="-std=c++20 -O2 -fno-exceptions -fno-rtti -fno-threadsafe-statics -ffreestanding -I$device/include"
allowed='memcpy|memmove|memset|memcmp|_GLOBAL_OFFSET_TABLE_'
allowed="$allowed|__(u?div|u?mod|mul|ashl|ashr|lshr)[sd]i3"
allowed="$allowed|__(add|sub|mul|div|neg)[sd]f3|__(eq|ne|lt|le|gt|ge|unord)[sd]f2"
allowed="$allowed|__(fix(uns)?[sd]f[sd]i|float(un)?[sd]i[sd]f|extendsfdf2|truncdfsf2)"

# check NAME OBJECT...: the object files, which nm and objdump of PREFIX read.
check() {
  local name=$1
  shift
  "${PREFIX}nm" -u "$@" | awk 'NF == 2 {print $2}' | sort -u >undefined
  "${PREFIX}nm" --defined-only "$@" | awk 'NF == 3 {print $3}' | sort -u >defined
  comm -23 undefined defined | grep -vxE "$allowed" >unexpected || true
  [ ! -s unexpected ] || fail "$name needs $(tr '\n' ' ' <unexpected)"
  ! "${PREFIX}objdump" -h "$@" | grep -E 'init_array|\.ctors|eh_frame_hdr|gcc_except_table' ||
    fail "$name has constructors or exception tables"
  ! "${PREFIX}nm" "$@" | grep -E ' [bBdDC] ' || fail "$name has variables"
}

mkdir pc
for source in "$device"/src/*.cpp; do
  ${CXX:-c++} $flags -fno-pic -fno-asynchronous-unwind-tables -c "$source" -o "pc/$(basename "$source" .cpp).o"
done
PREFIX='' check "PC build" pc/*.o

# The check itself must be able to fail.
echo 'int* f() { return new int[3]; }' >wrong.cpp
${CXX:-c++} $flags -c wrong.cpp -o wrong.o
(PREFIX='' check wrong wrong.o) >/dev/null 2>&1 && fail "operator new was not noticed"
echo 'struct A { A(); }; A a;' >wrong.cpp
${CXX:-c++} $flags -c wrong.cpp -o wrong.o
(allowed="$allowed|.*" PREFIX='' check wrong wrong.o) >/dev/null 2>&1 && fail "a constructor was not noticed"

bash "$MUDRA_SOURCE/tests/xtensa/build.sh" xtensa >log 2>&1 ||
  { [ $? != 77 ] || { echo "without an Xtensa compiler only the PC build was checked"; exit 0; }; fail "$(cat log)"; }
PREFIX=xtensa-lx106-elf- check "Xtensa build" xtensa/device/*.o
xtensa-lx106-elf-size -t xtensa/device/*.o | tail -n 1

# The C++ around the vector kernels needs these besides: each a function of its own section in internal RAM,
# without a literal, which only loads and calls of the assembler's own making would need.
for source in "$device"/s3/*.S; do xtensa-lx106-elf-gcc -E -P "$source"; done | tr ';' '\n' | sed 's/^ *//' >kernels
sed -n 's/^\.global \(mudra_s3_[a-z0-9_]*\)$/\1/p' kernels | sort >routines
sed -n 's/^\.section \.iram1\.\(mudra_s3_[a-z0-9_]*\), "ax"$/\1/p' kernels | sort | cmp routines - ||
  fail "a kernel is not in a section of internal RAM"
! grep -E '^\.(section \.(text|rodata|data|literal)|text|data|literal)|^(l32r|call|const16|j\.l)' kernels ||
  fail "a kernel needs a literal, or another section"
allowed="$allowed|$(paste -sd '|' routines)"
PREFIX=xtensa-lx106-elf- check "vector kernels' C++" xtensa/device/*.o xtensa/device_s3/*.o
"xtensa-lx106-elf-nm" -u xtensa/device_s3/*.o | awk 'NF == 2 && $2 ~ /^mudra_s3_/ {print $2}' | sort -u | cmp routines - ||
  fail "not every kernel is called"
