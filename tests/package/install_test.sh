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
[ -z "$(find prefix -path '*/include/*' -not -type d -not -name '*.hpp')" ] || fail "more than headers is in include"
! grep -rqF "$MUDRA_SOURCE" prefix/lib/cmake prefix/share || fail "an installed file names the source folder"

expect_exit 0 "$installed" train --data synthetic:2000 --epochs 3 --out run
expect_exit 0 "$installed" export run --out run --data synthetic:256
expect_exit 0 "$installed" quantize run --data synthetic:64 --recipe int8 --out run/int8.espdl
expect_exit 0 "$installed" deploy run/int8.espdl --out board
for file in CMakeLists.txt model.espdl main/app_main.cpp components/device/src/engine.cpp; do
  [ -s "board/$file" ] || fail "the project of the installed copy has no $file"
done
# The installed board runs the installed program's model.
prefix/bin/mudra_board --model run/int8.espdl --link "$PWD/tty" >board.log &
board=$!
trap 'kill $board 2>/dev/null || true' EXIT
until grep -q '^port ' board.log; do
  kill -0 $board 2>/dev/null || fail "the installed board does not start"
  sleep 0.05
done
expect_exit 0 "$installed" monitor --port tty --model run/int8.espdl --selftest
expect_text out "self-test 1 of mudra: equal"
expect_exit 0 cmake -S "$MUDRA_SOURCE/tests/package/consumer" -B consumer -DCMAKE_PREFIX_PATH="$PWD/prefix"
expect_exit 0 cmake --build consumer
expect_exit 0 consumer/consumer run/model.onnx
grep -qxE 'palm|l|fist|thumb|index|ok|c|down|none' out || fail "the consumer names no gesture"
grep -qxE '(5[0-9]|6[0-4]) of 64' out || fail "the integers it made say other gestures: $(cat out)"
