# What people read goes through mudra/base/output.hpp.
# forbidden ROOT: the lines that do it themselves.
forbidden() {
  grep -rnE 'fmt::print\(|\bstd::(cout|cerr|clog|puts|printf)\b|\bf?(printf|puts|write)\((stdout|stderr)|, (stdout|stderr)\)' \
    --include='*.[ch]pp' "$1/mudra" | grep -v "^$1/mudra/base/output\.cpp:" || true
}

found=$(forbidden "$MUDRA_SOURCE")
[ -z "$found" ] || fail "use print_out and print_err:
$found"

# The check itself must be able to fail.
mkdir -p probe/mudra/base
cat >probe/mudra/base/wrong.cpp <<'CODE'
fmt::print("a");
std::cerr << "a";
std::fputs("a", stderr);
CODE
cp probe/mudra/base/wrong.cpp probe/mudra/base/output.cpp
[ "$(forbidden probe | wc -l)" = 3 ] || { forbidden probe >&2; fail "something forbidden was not noticed"; }
