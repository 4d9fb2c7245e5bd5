#!/usr/bin/env bash
# run.sh BUILD SECONDS [TARGET...]: fuzzes every reader for SECONDS each, as many at once as there are processors, from
# generated seeds and what earlier runs kept in BUILD/corpus. Prints how many inputs each has read; a finding stays in
# BUILD/findings and fails.
set -euo pipefail
build=$1 seconds=$2
shift 2
targets=("$@")
[ ${#targets[@]} -gt 0 ] ||
  targets=(pth npz onnx tflite espdl engine image protocol graph checkpoint assembly packed kernels request)
regressions=$(cd "$(dirname "$0")" && pwd)/regressions
"$build/tests/fuzz/make_seeds" "$build/seeds"

fuzz() {
  local target=$1
  local kind=${target/engine/espdl} log=$build/$target.log # the engine reads .espdl files too
  local inputs=("$build/corpus/$target" "$build/seeds/$kind")
  [ ! -d "$regressions/$target" ] || inputs+=("$regressions/$target")
  mkdir -p "$build/corpus/$target" "$build/findings"
  "$build/tests/fuzz/${target}_fuzzer" -max_total_time="$seconds" -max_len=65536 -rss_limit_mb=2048 -timeout=20 \
    -malloc_limit_mb=1024 -print_final_stats=1 -artifact_prefix="$build/findings/$target-" \
    "${inputs[@]}" >"$log" 2>&1 || {
    tail -n 30 "$log" >&2
    echo "$target: FAILED, see $log and $build/findings" >&2
    return 1
  }
  local executions coverage
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  coverage=$(grep -o 'cov: [0-9]*' "$log" | tail -n 1)
  echo "$target: $executions inputs in $seconds s, ${coverage:-no coverage}, no finding"
}
export -f fuzz
export build seconds regressions
printf '%s\n' "${targets[@]}" | xargs -P "$(nproc)" -I{} bash -euo pipefail -c 'fuzz {}'
