# What `data info` says of a set, of copies in it, and of sets that are none.

"$MUDRA" data synth --out hands --per-class 2 --people 3 --without-none 2>/dev/null
cp hands/s000/ok/0000.png hands/s001/palm/copy.png
"$MUDRA" data prepare hands --out set.npz >/dev/null

expect_exit 0 "$MUDRA" data info set.npz
expect_text out "set.npz: 49 pictures, 8 classes"
expect_text out "exact copies: 1 pictures equal an earlier one, 1 of them in another class"
expect_text out "random 80/10/10 (frames of the same people in train and test)"
expect_text out "when split by subject"
expect_exit 0 "$MUDRA" data info hands --threads 1
expect_text out "hands: 49 pictures, 8 classes"
expect_exit 0 "$MUDRA" data info synthetic:24
expect_text out "synthetic:24: 27 pictures, 9 classes"

expect_exit 0 "$MUDRA" data info set.npz --json --sheet sheet.png --by-subject --augment mild --columns 3
[ ! -s err ] || fail "--json talked on stderr"
if command -v python3 >/dev/null; then
  python3 - out <<'PY' || fail "the JSON document is not as documented"
import json, sys
info = json.load(open(sys.argv[1]))
assert info["images"] == 49 and len(info["classes"]) == 8
assert info["classes"][0] == {"name": "palm", "images": 7, "subjects": {"s000": 2, "s001": 3, "s002": 2}}
assert info["duplicates"] == {"copies": 1, "originals": 1, "conflicting": 1}
assert info["leakage"]["by_subject"]["leaked"] == 2 and 0 <= info["leakage"]["random"]["share"] <= 1
PY
fi
[ "$(head -c 4 sheet.png | tail -c 3)" = PNG ] || fail "the sheet is no PNG"
expect_exit 0 "$MUDRA" data info set.npz --sheet plain.png --columns 3
cmp -s plain.png sheet.png && fail "the augmented sheet is the plain one"

expect_exit 1 "$MUDRA" data info missing.npz
expect_one_line "missing.npz: No such file or directory"
head -c 5000 set.npz >short.npz
expect_exit 1 "$MUDRA" data info short.npz
expect_one_line "short.npz: not a whole zip archive"
expect_exit 1 "$MUDRA" data info synthetic:100
expect_one_line "synthetic:100: the number of pictures must be a multiple of 8"
expect_exit 1 "$MUDRA" data info set.npz --sheet no/such/sheet.png
expect_one_line "No such file or directory"
if [ -e /dev/full ]; then
  code=0
  "$MUDRA" data info set.npz >/dev/full 2>err || code=$?
  [ "$code" = 1 ] || fail "a full disk went unnoticed"
  expect_one_line "standard output: No space left on device"
fi

expect_exit 2 "$MUDRA" data info
expect_exit 2 "$MUDRA" data info set.npz --augment mild
expect_exit 2 "$MUDRA" data info set.npz --augment wild --sheet x.png
expect_text err "Usage: mudra data info"
