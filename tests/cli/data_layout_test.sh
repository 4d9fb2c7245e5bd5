# What folders are said or guessed to be: parts of a split, classes above people, pictures too deep, a .zip.

render_parts split val

# The parts are the split, by name, wherever a split is printed.
expect_exit 0 "$MUDRA" data prepare split --out split.npz
expect_text out "as SPLIT/CLASS/*"
expect_text out "split as given: 32 train, 16 valid, 16 test"
! grep -q subjects out || fail "the parts of a split were taken for people"
for set in split split.npz; do
  expect_exit 0 "$MUDRA" data info "$set"
  expect_text out "split as given: 32 train, 16 valid, 16 test"
  expect_text out "when split as given"
done
expect_exit 0 "$MUDRA" data split split.npz --out aside
expect_text out "seen.npz with 48 pictures to learn from, unseen.npz with 16 to judge by; as given"
expect_exit 0 "$MUDRA" train --data split.npz --epochs 1 --out run --json
expect_text err "split: as given: 32 train, 16 valid, 16 test"
expect_text out '"split": "given"'
expect_exit 0 "$MUDRA" evaluate run --data split --split given
expect_text out "the 16 test images of split, as given: 32 train, 16 valid, 16 test"
expect_exit 0 "$MUDRA" evaluate run --data split.npz
expect_text out "all 64 images of split.npz, 48 of which the training of run has seen"
cp run/model.pth alone.pth # of which nobody knows what it has seen
expect_exit 0 "$MUDRA" evaluate alone.pth --data split.npz
expect_text out "all 64 images of split.npz, its training part too"
expect_exit 1 "$MUDRA" evaluate run --data hands --split given
expect_one_line "hands: states no split of its own"

# Classes above people are never guessed to be people.
mkdir class_first
for person in s000 s001; do
  for gesture in palm fist; do
    mkdir -p "class_first/$gesture" && cp -r "hands/$person/$gesture" "class_first/$gesture/$person"
  done
done
expect_exit 1 "$MUDRA" data prepare class_first --out x.npz
expect_one_line "--layout class/person"
expect_exit 1 "$MUDRA" train --data class_first --out x
expect_one_line "--layout class/person"
expect_exit 0 "$MUDRA" data prepare class_first --out class_first.npz --layout class/person
expect_text out "as CLASS/SUBJECT/*"
expect_text out "2 subjects: s000, s001"
expect_exit 0 "$MUDRA" data info class_first --layout class/person
expect_text out "8 pictures, 2 classes"
for set in class_first.npz synthetic:8; do
  expect_exit 1 "$MUDRA" data info "$set" --layout class/person
  expect_one_line "$set: only pictures in folders have a layout; leave --layout out"
done
expect_exit 2 "$MUDRA" data prepare class_first --out x.npz --layout klass
expect_text err "'klass' is none of the words split, person, class and -"

# Pictures deeper than most are counted; most of them too deep is no set before that is said.
mkdir -p deep/desk/images deep/floor/images
for place in desk floor; do
  cp -r hands/s000/palm "deep/$place/images/cup" && cp -r hands/s001/fist "deep/$place/images/pen"
done
cp hands/s000/ok/0000.png deep/desk/overview.png
expect_exit 1 "$MUDRA" data prepare deep --out x.npz
expect_one_line "pictures below 3 folders, such as desk/images/cup/0000.png"
expect_exit 0 "$MUDRA" data prepare deep --out deep.npz --layout person/-/class
expect_text out "left out: 1 of 9 pictures, which do not lie as SUBJECT/-/CLASS/*, such as desk/overview.png"
[ ! -e x.npz ] && [ ! -e x ] || fail "a refused set left something behind"

# A .zip is the folder that it unpacks to.
if command -v python3 >/dev/null; then
  (cd split && python3 -c "import shutil; shutil.make_archive('../zipped', 'zip', '.')")
  expect_exit 0 "$MUDRA" data prepare zipped.zip --out zipped.npz
  cmp split.npz zipped.npz || fail "zipped, the pictures give other bytes"
  expect_exit 0 "$MUDRA" evaluate run --data zipped.zip --split given
fi

if [ -n "${MUDRA_SHARED:-}" ]; then
  faults=$MUDRA_SHARED/data/faults/networks-and-pictures
  expect_exit 0 "$MUDRA" data prepare "$faults/train_test_valid" --out x.npz
  expect_text out "split as given: 24 train, 8 valid, 8 test"
  expect_exit 1 "$MUDRA" data prepare "$faults/class_first" --out x.npz
  expect_one_line "fist, palm are gestures, anna, ben may be people"
  expect_exit 1 "$MUDRA" data prepare "$faults/deeper" --out x.npz
  expect_one_line "--layout person/-/class"
  for picture in pic.bmp jpeg_without_eoi.jpg; do
    expect_exit 0 "$MUDRA" predict run "$faults/$picture"
  done
  expect_exit 1 "$MUDRA" predict run "$faults/wide20000.png"
  expect_one_line "20000 x 16 pixels are more than a picture may have: 16384 a side"
fi
