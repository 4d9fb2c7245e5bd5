# What `cmake --install` puts into a folder works there: the program, its completions and manual page, and the
# libraries for another CMake project.
build=${MUDRA%/mudra/cli/mudra}
expect_exit 0 cmake --install "$build" --prefix "$PWD/prefix"
unset MUDRA  # from here on only what is installed
installed=$PWD/prefix/bin/mudra

expect_exit 0 "$installed" --version
expect_text out "mudra 0."
for file in share/bash-completion/completions/mudra share/zsh/vendor-completions/_mudra \
            share/fish/vendor_completions.d/mudra.fish share/man/man1/mudra.1; do
  [ -s "prefix/$file" ] || fail "$file is not installed"
done
[ -z "$(find prefix -name '*_test.*' ! -name 'self_test.*' -o -name '*.cpp' -path '*/include/*')" ] || fail "too much is installed"
! grep -rqF "$MUDRA_SOURCE" prefix/lib/*/cmake prefix/share || fail "an installed file names the source folder"

expect_exit 0 "$installed" train --data synthetic:64 --epochs 1 --out run
expect_exit 0 "$installed" export run --out run --data synthetic:16
expect_exit 0 cmake -S "$MUDRA_SOURCE/tests/package/consumer" -B consumer -DCMAKE_PREFIX_PATH="$PWD/prefix"
expect_exit 0 cmake --build consumer
expect_exit 0 consumer/consumer run/model.onnx
grep -qxE 'palm|l|fist|thumb|index|ok|c|down' out || fail "the consumer names no gesture"
