# Threads are made in one place, mudra/base/parallel.cpp, which lets no exception end in std::terminate.
parallel_regions() {  # ROOT
  grep -rnE '#[[:space:]]*pragma[[:space:]]+omp[[:space:]].*\b(parallel|task|sections|teams)\b' --include='*.[ch]pp' "$1/mudra" |
    grep -v "^$1/mudra/base/parallel\.cpp:" || true
}

found=$(parallel_regions "$MUDRA_SOURCE")
[ -z "$found" ] || fail "use for_each_parallel of mudra/base/parallel.hpp:
$found"

# The check itself must be able to fail.
mkdir -p probe/mudra/base
echo '#pragma omp parallel for' >probe/mudra/base/wrong.hpp
echo '#pragma omp parallel for' >probe/mudra/base/parallel.cpp
[ "$(parallel_regions probe | wc -l)" = 1 ] || fail "a parallel region was not noticed"
