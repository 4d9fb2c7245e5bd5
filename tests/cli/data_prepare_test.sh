# Folders of pictures become a .npz, whatever else lies in them.

"$MUDRA" data synth --out hands --per-class 2 --people 3 --without-none 2>/dev/null

expect_exit 0 "$MUDRA" data prepare hands --out set.npz
expect_text out "hands: 48 pictures as SUBJECT/CLASS/*"
expect_text out "wrote set.npz"
cp set.npz one.npz
expect_exit 0 "$MUDRA" data prepare hands --out set.npz --threads 1 --json
expect_text out '"images": 48'
[ ! -s err ] || fail "--json talked on stderr"
cmp one.npz set.npz || fail "the same pictures gave other bytes"

# Stray files are counted; a few unreadable pictures are named and left out.
cp -r hands messy
echo notes >messy/notes.txt
echo no picture >messy/s000/palm/9999.png
expect_exit 1 "$MUDRA" data prepare messy --out messy.npz
expect_one_line "data prepare: messy: 1 of 49 pictures are unreadable, more than 1 %; the first is s000/palm/9999.png: "
[ ! -e messy.npz ] || fail "a failed command left its output"
expect_exit 0 "$MUDRA" data prepare messy --out messy.npz --unreadable 5
expect_text err "unreadable: s000/palm/9999.png: is no PNG, JPEG, WebP or BMP picture"
expect_text out "left out: 1 unreadable pictures"
expect_text out "ignored: 1 files that are no pictures"

# One class missing for a person, an empty folder.
rm messy/s001/fist/*
expect_exit 0 "$MUDRA" data prepare messy --out messy.npz --unreadable 5
expect_text out "empty folder: s001/fist"

# What cannot work says so in one line.
mkdir empty
expect_exit 1 "$MUDRA" data prepare empty --out x.npz
expect_one_line "empty: no pictures (.png, .jpg, .webp, .bmp)"
expect_exit 1 "$MUDRA" data prepare missing --out x.npz
expect_one_line "missing: No such file or directory"
expect_exit 1 "$MUDRA" data prepare set.npz --out x.npz
expect_one_line "set.npz: Not a directory"
mkdir flat && cp hands/s000/palm/*.png flat
expect_exit 1 "$MUDRA" data prepare flat --out x.npz
expect_one_line "flat: its pictures have no labels"
expect_exit 1 "$MUDRA" data prepare hands --out no/such/folder.npz
expect_one_line "No such file or directory"
mkdir folder.npz
expect_exit 1 "$MUDRA" data prepare hands --out folder.npz
expect_one_line "folder.npz: is a folder"
[ ! -e x.npz ] || fail "a failed command left its output"
ls -a | grep -q '\.tmp$' && fail "a temporary file was left"

expect_exit 2 "$MUDRA" data prepare hands
expect_exit 2 "$MUDRA" data prepare hands --out set.zip
expect_text err "does not end in .npz"
expect_text err "Usage: mudra data prepare"
expect_exit 2 "$MUDRA" data prepare hands --out set.npz --unreadable 200
