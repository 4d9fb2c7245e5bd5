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

# on_avx2 CONSUMERS BUILT TO: a copy of CONSUMERS' ONNX Runtime in TO/node_modules. It asks the processor itself what it
# has, and is answered by BUILT/libwithout_avx512.so, which has to be preloaded.
on_avx2() {
  local from library
  mkdir -p "$3/node_modules"
  cp -r "$1"/node_modules/onnxruntime-{node,common} "$3/node_modules"
  from=$(echo "$1"/node_modules/onnxruntime-node/bin/napi-v*/linux/x64/libonnxruntime.so.1)
  library=$3/${from#"$1"/}
  rm "$library"
  "${PYTHON:-/usr/bin/python3}" -B "$(dirname "${BASH_SOURCE[0]}")/without_avx512.py" "$from" "$library"
}
