# The program's own frame: no command, an unknown one, help and version.
expect_exit 2 "$MUDRA"
expect_text err "Subcommands:"
expect_exit 2 "$MUDRA" frobnicate
expect_text err "mudra: there is no command 'frobnicate'"
expect_exit 0 "$MUDRA" --help
expect_text out "evaluate"
expect_exit 0 "$MUDRA" --version
expect_text out "mudra 0."

# As on a lesser processor.
expect_exit 0 env MUDRA_INSTRUCTION_SET=avx2 "$MUDRA" --version
expect_exit 1 env MUDRA_INSTRUCTION_SET=avx3 "$MUDRA" --version
expect_one_line "MUDRA_INSTRUCTION_SET=avx3: give scalar, sse4, avx2, avx512 or avx512vnni"

for command in "data prepare" "data info" "data synth" train evaluate predict replay; do
  expect_exit 0 "$MUDRA" $command --help
  expect_text out "Example:"
  expect_text out "mudra $command "
done
