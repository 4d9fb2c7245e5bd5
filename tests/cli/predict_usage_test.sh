# Wrong usage exits 2 with the usage of predict on stderr; --help exits 0 with an example on stdout.
wrong() {
  expect_exit 2 "$MUDRA" "$@"
  expect_text err "Usage: mudra predict"
  [ ! -s out ] || fail "wrong usage printed on stdout"
}

wrong predict
wrong predict model.pth
wrong predict model.pth hand.png --frobnicate
wrong predict model.pth hand.png --json --picture

expect_exit 0 "$MUDRA" predict --help
expect_text out "Usage: mudra predict"
expect_text out "Example:"
expect_exit 2 "$MUDRA"
expect_text err "Usage: mudra "
expect_exit 2 "$MUDRA" frobnicate
