# Rendered folders: what is written, that it is reproducible, and that a failure leaves nothing behind.

expect_exit 0 "$MUDRA" data synth --out hands --per-class 2 --people 2 --seed 5 --threads 1
expect_text err "hands: 36 pictures, 2 of each gesture of 2 people"
[ "$(find hands -name '*.png' | wc -l)" = 36 ] || fail "not 36 pictures"
[ "$(ls hands/s001)" = "$(printf '%s\n' c down fist index l none ok palm thumb)" ] || fail "not the eight gestures and none"

expect_exit 0 "$MUDRA" data synth --out again/ --per-class 2 --people 2 --seed 5 --threads 2
diff -r hands again || fail "the same seed gave other pictures"
expect_exit 0 "$MUDRA" data synth --out other --per-class 2 --people 2 --seed 6
diff -rq hands other >/dev/null && fail "another seed gave the same pictures"

# The pictures are those of synthetic sets.
expect_exit 0 "$MUDRA" data synth --out json --per-class 1 --people 1 --json
expect_text out '"images": 9'
[ ! -s err ] || fail "--json talked on stderr"

# Nothing is overwritten, nothing half-written.
expect_exit 1 "$MUDRA" data synth --out hands --per-class 1 --people 1
expect_one_line "data synth: hands: is not empty"
touch file
expect_exit 1 "$MUDRA" data synth --out file --per-class 1 --people 1
expect_one_line "data synth: file: is no folder"
expect_exit 1 "$MUDRA" data synth --out file/below --per-class 1 --people 1
expect_exit 1 "$MUDRA" data synth --out huge --per-class 100000 --people 100000
expect_one_line "are more than the"
mkdir empty
expect_exit 0 "$MUDRA" data synth --out empty --per-class 1 --people 1

"$MUDRA" data synth --out stopped --per-class 10000 --people 5 2>err &
sleep 0.5
kill -INT $!
code=0
wait $! || code=$?
[ "$code" = 1 ] || fail "exit $code after an interrupt"
expect_one_line "interrupted"
[ ! -e stopped ] || fail "an interrupted run left its folder"
ls | grep -q '\.tmp$' && fail "a temporary folder was left"

for wrong in "--per-class 0" "--people -1" "--seed x" "--what"; do
  expect_exit 2 "$MUDRA" data synth --out wrong $wrong
  expect_text err "Usage: mudra data synth"
done
expect_exit 2 "$MUDRA" data synth
expect_exit 2 "$MUDRA" data
[ ! -e wrong ] || fail "wrong usage wrote something"

# Other kinds of pictures.
expect_exit 0 "$MUDRA" data synth --out day --per-class 1 --people 2 --light visible --hands left --none 20%
expect_exit 0 "$MUDRA" data info day
expect_text out "day: 20 pictures, 9 classes"
expect_exit 0 "$MUDRA" data synth --out bare --per-class 1 --people 1 --none 50% --without-none
expect_exit 0 "$MUDRA" data info bare
expect_text out "bare: 8 pictures, 8 classes"
expect_exit 1 "$MUDRA" data synth --out much --none 95%
expect_one_line "--none: '95%' is no share: give one from 0% to 90%"
[ ! -e much ] || fail "a refused rendering left a folder"
