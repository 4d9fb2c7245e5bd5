# A picture that cannot be read is named, the others are judged, and the command fails.
data=$MUDRA_SOURCE/tests/cli/data
cp "$data"/{named.pth,hand.png} .
echo hello >text.png
head -c 300 hand.png >cut.png
mkdir folder

for bad in missing.png text.png cut.png folder; do
  expect_exit 1 "$MUDRA" predict named.pth $bad
  expect_one_line "mudra: predict: $bad: "
  [ ! -s out ] || fail "an answer for $bad"
done

expect_exit 1 "$MUDRA" predict named.pth text.png hand.png missing.png
expect_one_line "mudra: predict: 2 of 3 images cannot be read, the first: text.png: "
expect_text out "hand.png: "

expect_exit 1 "$MUDRA" predict named.pth text.png hand.png --json
expect_one_line "mudra: predict: 1 of 2 images cannot be read"
[ "$(grep -c '"image"' out)" = 1 ] || fail "not one answer"
[ "$(head -c 1 out)$(tail -n 1 out)" = "[]" ] || fail "not a JSON list"

expect_exit 1 sh -c '"$1" predict named.pth hand.png >/dev/full' sh "$MUDRA"
expect_one_line "mudra: predict: standard output: No space left on device"
