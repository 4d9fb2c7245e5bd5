# Wrong usage exits 2 with the usage of evaluate on stderr; --help exits 0 with an example on stdout.
wrong() {
  expect_exit 2 "$MUDRA" "$@"
  expect_text err "Usage: mudra evaluate"
  [ ! -s out ] || fail "wrong usage printed on stdout"
}

wrong evaluate
wrong evaluate model.pth
wrong evaluate --data set
wrong evaluate model.pth --data set --split sideways
wrong evaluate model.pth --data set --threads many

expect_exit 0 "$MUDRA" evaluate --help
expect_text out "Usage: mudra evaluate"
expect_text out "Example:"
