#!/usr/bin/env bash
# run.sh BUILD SECONDS [TARGET...]: fuzzes every reader for SECONDS each, from generated seeds and what earlier runs
# kept in BUILD/corpus. Prints how many inputs each has read; a finding stays in BUILD/findings and fails.
set -euo pipefail
build=$1 seconds=$2
shift 2
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(pth npz onnx tflite espdl engine image protocol)
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
"$build/tests/fuzz/make_seeds" "$build/seeds"
failed=()
for target in "${targets[@]}"; do
  kind=${target/engine/espdl}  # the engine reads .espdl files too
  mkdir -p "$build/corpus/$target" "$build/findings" "$here/regressions/$kind"
  log=$build/$target.log
  if "$build/tests/fuzz/${target}_fuzzer" -max_total_time="$seconds" -max_len=65536 -rss_limit_mb=2048 -timeout=20 \
      -malloc_limit_mb=1024 -print_final_stats=1 -artifact_prefix="$build/findings/$target-" \
      "$build/corpus/$target" "$build/seeds/$kind" "$here/regressions/$kind" >"$log" 2>&1; then
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    coverage=$(grep -o 'cov: [0-9]*' "$log" | tail -n 1)
    echo "$target: $executions inputs in $seconds s, ${coverage:-no coverage}, no finding"
  else
    echo "$target: FAILED, see $log and $build/findings" >&2
    tail -n 30 "$log" >&2
    failed+=("$target")
  fi
done
[ ${#failed[@]} -eq 0 ]
