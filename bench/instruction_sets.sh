# Sourced by comparisons that run once with all this processor has, and once as on one with AVX2 and FMA but neither
# AVX-512 nor VNNI, all contestants alike.

# instruction_sets: "best", and "avx2" where that is less.
instruction_sets() {
  echo best
  ! grep -qwE 'avx512f|avx_vnni' /proc/cpuinfo || echo avx2
}

# limit_to best|avx2: for the programs run from here on. mudra, ATen and oneDNN heed a variable.
limit_to() {
  if [ "$1" = avx2 ]; then
    export MUDRA_INSTRUCTION_SET=avx2 ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2
  else
    unset MUDRA_INSTRUCTION_SET ATEN_CPU_CAPABILITY ONEDNN_MAX_CPU_ISA
  fi
}

# choose_runtime SET CONSUMERS BUILT TO: sets `runtime` to a folder with ONNX Runtime in its node_modules, and `preload`
# to what has to be preloaded. ONNX Runtime asks the processor itself what it has: for avx2 a copy of CONSUMERS' in TO is
# answered by BUILT/libwithout_avx512.so.
choose_runtime() {
  local from library
  runtime=$2 preload=
  [ "$1" = avx2 ] || return 0
  runtime=$4 preload=$3/libwithout_avx512.so
  mkdir -p "$runtime/node_modules"
  cp -r "$2"/node_modules/onnxruntime-{node,common} "$runtime/node_modules"
  from=$(echo "$2"/node_modules/onnxruntime-node/bin/napi-v*/linux/x64/libonnxruntime.so.1)
  library=$runtime/${from#"$2"/}
  rm "$library"
  "${PYTHON:-/usr/bin/python3}" -B "$(dirname "${BASH_SOURCE[0]}")/without_avx512.py" "$from" "$library"
}
