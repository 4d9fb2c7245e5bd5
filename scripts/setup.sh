#!/usr/bin/env bash
# setup.sh GROUP...: installs the Debian 12 packages of the groups that are missing, saying which and why.
# Groups: build (the program), test, bench, torch, xtensa, headers (firmware/check_headers.sh), package, page, lint, fuzz,
# wasm (the engine for browsers), and onnx and npm for the consumer tests.
set -euo pipefail

packages() {  # NAME: why
  case $1 in
    build) cat <<'END'
g++: compiler
cmake: build system
ninja-build: build system
pkg-config: finds libraries
libcli11-dev: command line
libfmt-dev: text formatting
nlohmann-json3-dev: JSON
libpng-dev: reads and writes PNG
libjpeg-dev: reads JPEG
libwebp-dev: reads WebP
libzip-dev: .npz and .pth are zip archives
libhwy-dev: SIMD with run-time dispatch (Highway)
libprotobuf-dev: ONNX files are protobuf messages
libonnx-dev: ONNX's own message definitions
libxxhash-dev: fingerprints of files and images
libcpp-httplib-dev: the web server of mudra studio
libflatbuffers-dev: .espdl files are FlatBuffers
flatbuffers-compiler: makes their reader and writer from the schema
END
      ;;
    test) cat <<'END'
ccache: compiles only what has changed
libgtest-dev: unit tests
libgmock-dev: unit tests
python3: tests that call other readers
END
      ;;
    bench) echo "libbenchmark-dev: micro-benchmarks" ;;
    torch) cat <<'END'
python3-numpy: the real reader of .npz
python3-torch: the real reader of .pth, and the trainer the benchmark compares with
END
      ;;
    xtensa) cat <<'END'
gcc-xtensa-lx106: compiles the device sources for an emulated Xtensa
binutils-xtensa-lx106: links them
picolibc-xtensa-lx106-elf: C headers for them
libstdc++-arm-none-eabi-dev: C++ headers for them; there are none for the Xtensa
qemu-system-misc: emulates it
END
      ;;
    headers) cat <<'END'
gcc-xtensa-lx106: compiles the firmware with ESP-IDF's headers
libstdc++-arm-none-eabi-dev: C++ headers for it
libnewlib-dev: C headers like ESP-IDF's
python3-kconfiglib: reads ESP-IDF's Kconfig files
END
      ;;
    package) cat <<'END'
dpkg-dev: finds the libraries a Debian package needs
file: tells it which files are programs
END
      ;;
    page) echo "chromium: draws the page of a run in a test" ;;
    lint) cat <<'END'
clang-format: code layout
clang-tidy: static checks
END
      ;;
    fuzz) cat <<'END'
clang: compiler of the fuzzers
libclang-rt-dev: libFuzzer and the sanitizers for clang
libomp-dev: OpenMP for clang
END
      ;;
    wasm) cat <<'END'
clang: compiles the engine for browsers
lld: links it
wasi-libc: C library for it
libc++-14-dev-wasm32: C++ library for it
libc++abi-14-dev-wasm32: C++ library for it
libclang-rt-14-dev-wasm32: compiler's library for it
END
      ;;
    onnx) echo "python3-onnx: its checker judges our ONNX files" ;;
    npm) cat <<'END'
nodejs: runs ONNX Runtime in the consumer tests
npm: installs the runtimes of the consumer tests
END
      ;;
    *) echo "setup.sh: unknown group '$1' (build test bench torch xtensa headers package page lint fuzz wasm onnx npm)" >&2; exit 2 ;;
  esac
}

missing=()
for group in "$@"; do
  while IFS=: read -r name why; do
    dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'install ok installed' && continue
    echo "needs $name (${why# })"
    missing+=("$name")
  done < <(packages "$group")
done
[ ${#missing[@]} -gt 0 ] || { echo "All Debian packages for '$*' are installed."; exit 0; }

as_root=()
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || { echo "setup.sh: as root, install: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "Installing ${#missing[@]} Debian packages: ${missing[*]}"
log=$(mktemp)
if ! { "${as_root[@]}" apt-get update &&
       "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
         apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "setup.sh: apt-get failed; its output is above" >&2
  rm -f "$log"
  exit 1
fi
rm -f "$log"
