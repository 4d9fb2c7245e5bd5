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
