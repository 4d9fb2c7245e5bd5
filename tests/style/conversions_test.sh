# What runs on a chip compiles without warnings under -Wall -Wextra -Wconversion with the newest GCC that is here: a newer one
# than the chip's finds the next one's errors today. Each folder as one file, so that headers are read once.
compiler=$(ls /usr/bin/g++-[0-9]* 2>/dev/null | sort -V | tail -1)
[ -n "$compiler" ] || skip "there is no GCC"
device=(-I"$MUDRA_SOURCE/device/include" -I"$MUDRA_SOURCE/device/s3/include" -I"$MUDRA_SOURCE")

# compiles NAME FLAG... -- FILE...
compiles() {
  local name=$1 flags=()
  shift
  while [ "$1" != -- ]; do flags+=("$1"); shift; done
  shift
  printf '#include "%s"\n' "$@" >"$name.cpp"
  # std::bit_width returned an unsigned integer before GCC 13; the warnings about it name that type.
  "$compiler" -std=gnu++20 -fsyntax-only -Wall -Wextra -Wconversion "${device[@]}" "${flags[@]}" "$name.cpp" >log 2>&1 ||
    { cat log >&2; fail "$name does not compile"; }
  grep -F 'warning:' log | grep -vF '_If_is_unsigned_integer' >warnings || true
  [ ! -s warnings ] || { cat warnings >&2; fail "$name compiles with warnings"; }
  echo "$name: $# sources"
}
compiles device -fno-exceptions -fno-rtti -- "$MUDRA_SOURCE"/device/src/*.cpp
compiles s3 -fno-exceptions -fno-rtti -- "$MUDRA_SOURCE"/device/s3/*.cpp
# ESP-DL's headers are elsewhere: firmware/check_headers.sh compiles the engine that needs them.
compiles firmware -fno-exceptions -fno-rtti -isystem "$MUDRA_SOURCE/firmware/host/include" -I"$MUDRA_SOURCE/firmware/main" -- \
  $(ls "$MUDRA_SOURCE"/firmware/main/*.cpp | grep -v /esp_dl_engine.cpp)

# It finds what it looks for.
printf 'inline int f(long long x) { int y = x; return y; }\n' >narrow.cpp
(compiles found -- "$PWD/narrow.cpp") >found 2>&1 && fail "a conversion that loses something is not found"
grep -qF -- '-Wconversion' found || fail "another fault is found: $(cat found)"
