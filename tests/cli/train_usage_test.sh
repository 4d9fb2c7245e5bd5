# Wrong usage shows the usage of the command and exits 2; bad input is one line and exit 1, and leaves nothing.
expect_exit 2 "$MUDRA" train --data synthetic
expect_text err "--out is required"
expect_text err "--learning-rate"
expect_exit 2 "$MUDRA" train --data synthetic --out r --epochs none
expect_exit 2 "$MUDRA" train --data synthetic --out r --augment wild
expect_text err "seed"

expect_exit 1 "$MUDRA" train --out r
expect_one_line "--data is missing"
expect_exit 1 "$MUDRA" train --out r --resume
expect_one_line "no training to resume"
expect_exit 1 "$MUDRA" train --data synthetic:many --out r
expect_one_line "many"
expect_exit 1 "$MUDRA" train --data nowhere --out r
expect_one_line "nowhere"
expect_exit 1 "$MUDRA" train --data synthetic:320 --channels 16,x --out r
expect_one_line "'x' is not a whole number"
expect_exit 1 "$MUDRA" train --data synthetic:320 --channels 10,16/2 --out r
expect_one_line "10"
for split in given random loso; do
  expect_exit 1 "$MUDRA" train --data synthetic:80 --split $split --out r
  expect_one_line "mudra: train: --split $split splits pictures, and --data names rendered hands only"
done
expect_exit 1 "$MUDRA" train --data synthetic:16 --batch 32 --out r
expect_one_line "18 training images are fewer than one batch of 32; choose a smaller --batch"
mkdir empty
expect_exit 1 "$MUDRA" train --data empty --out r
expect_one_line "empty"
[ ! -e r ] || fail "a refused training left a folder"

touch file
expect_exit 1 "$MUDRA" train --data synthetic:320 --out file/r
expect_one_line "file/r"

# A path that the file system refuses: in our words.
expect_exit 1 "$MUDRA" train --data synthetic:16 --out "$(printf 'x%.0s' {1..300})"
expect_one_line "x: File name too long"
grep -q "filesystem error" err && fail "the library's words"
true
