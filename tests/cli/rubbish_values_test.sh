# What no option means anything by: an empty value anywhere is wrong usage, as "nan" is for a number; paths that are none of
# a file are refused in one line that says the path once.
commands=$("$MUDRA" --help | sed -n '/^Subcommands:/,$s/^  \([a-z]*\) .*/\1/p' | grep -v '^data$')
commands+=$'\n'$("$MUDRA" data --help | sed -n '/^Subcommands:/,$s/^  \([a-z]*\) .*/data \1/p')
options=0
while read -r command; do
  # shellcheck disable=SC2086
  expect_exit 0 "$MUDRA" $command --help
  cp out help
  # shellcheck disable=SC2086
  if grep -q '^Positionals:' help; then expect_exit 2 "$MUDRA" $command "" && expect_text err ": an empty value says nothing"; fi
  while read -r option type; do
    options=$((options + 1))
    # shellcheck disable=SC2086
    expect_exit 2 "$MUDRA" $command "$option" ""
    expect_text err "mudra: $command: $option: an empty value says nothing"
    if [[ $type =~ ^(U?INT|FLOAT) ]]; then
      # shellcheck disable=SC2086
      expect_exit 2 "$MUDRA" $command "$option" -99999999999999999999
      [ "$(head -n 1 err | wc -c)" -lt 200 ] || { cat err >&2; fail "$command $option: a line of endless digits"; }
    fi
    if [[ $type == UINT* ]]; then
      # shellcheck disable=SC2086
      expect_exit 2 "$MUDRA" $command "$option" 99999999999999999999
      expect_text err "99999999999999999999"
    fi
    [[ $type == FLOAT* ]] || continue
    # shellcheck disable=SC2086
    expect_exit 2 "$MUDRA" $command "$option" nan
    expect_text err "mudra: $command: $option: nan is not a number"
  done < <(sed -n '/ Excludes:/d; / Needs:/d; s/^  \(--[a-z-]*\) \([^ ][^ ]*\).*/\1 \2/p' help)
done <<<"$commands"
[ "$options" -gt 60 ] || fail "only $options options were found"

# once CODE COMMAND...: said in one line, in which no path is there twice.
mkdir wrong run
mkdir run/config.json story story/artefacts.json
no_path_twice() { ! grep -qE '([^ :]+): \1:' err || { cat err >&2; fail "a path is there twice"; }; }
once() {
  expect_exit "$@"
  [ "$1" != 1 ] || expect_one_line "mudra: "
  no_path_twice
}
"$MUDRA" data synth --out hands --per-class 1 --seed 5 --without-none >/dev/null 2>&1
"$MUDRA_GESTURE_MODEL" model.espdl
cp "$MUDRA_SOURCE/tests/cli/data/named.pth" .
for path in wrong wrong/none wrong.onnx wrong.tflite wrong.espdl named.pth/x /dev/null; do
  once 1 "$MUDRA" inspect "$path"
  once 1 "$MUDRA" predict "$path" hands/*/*/*.png
  once 1 "$MUDRA" predict named.pth "$path"
  once 1 "$MUDRA" evaluate "$path" --data hands
  once 1 "$MUDRA" evaluate named.pth --data "$path"
  once 1 "$MUDRA" quantize "$path" --data hands --out x.espdl
  once 1 "$MUDRA" analyze named.pth "$path" --data hands
  once 1 "$MUDRA" deploy "$path" --out x
  once 1 "$MUDRA" export "$path" --data hands --out x
  once 1 "$MUDRA" data info "$path"
  once 1 "$MUDRA" train --data "$path" --out x
  once 1 "$MUDRA" monitor --port "$path"
  once 1 "$MUDRA" reproduce --out x --data "$path"
done
once 1 "$MUDRA" train --data hands --out run --resume
once 1 "$MUDRA" reproduce --out story
once 1 "$MUDRA" reproduce --out /dev/null
once 2 "$MUDRA" reproduce --out x --recorded none
"$MUDRA" export named.pth --data hands --out exported >/dev/null 2>&1
once 1 "$MUDRA" quantize exported/model_int8.tflite --data hands --out x.espdl
once 1 "$MUDRA" analyze exported/model_int8.tflite model.espdl --data hands
rm exported/model.onnx
mkdir exported/model.onnx
once 1 "$MUDRA" export named.pth --data hands --out exported
mkfifo pipe
once 1 "$MUDRA" data info hands --sheet pipe
expect_text err "pipe: is a pipe that nobody reads"
