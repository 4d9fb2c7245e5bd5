# One training at a time in a folder, of one configuration, and only there; class names that no file can keep are
# refused before anything is trained.
train=("$MUDRA" train --channels 8,8/2 --expansion 2)
long=(--data synthetic:320 --epochs 100000 --patience 100000)

# While one is at work another is refused; kill -9 leaves nothing that would refuse the next.
"${train[@]}" "${long[@]}" --out run >/dev/null 2>&1 &
process=$!
for _ in $(seq 600); do
  [ ! -e run/checkpoint.npz ] || break
  sleep 0.1
done
expect_exit 1 "${train[@]}" "${long[@]}" --out run --resume
expect_one_line "run: another mudra is at work in this folder"
expect_exit 1 "$MUDRA" reproduce --out run --epochs 1
expect_one_line "another mudra is at work"
kill -9 $process
wait $process || true
short=(--data synthetic:320 --epochs 2 --patience 2)
expect_exit 1 "${train[@]}" "${short[@]}" --out run --resume
expect_one_line "epochs was 100000, now it is 2"

# A checkpoint that lies there is nothing to a training that does not resume, and not to one of other options.
mkdir foreign fresh
cp run/checkpoint.npz foreign/
expect_exit 1 "${train[@]}" "${short[@]}" --out foreign --resume
expect_one_line "checkpoint.npz: the checkpoint of another training"
rm foreign/config.json
expect_exit 0 "${train[@]}" "${short[@]}" --out foreign
expect_exit 0 "${train[@]}" "${short[@]}" --out fresh
cmp foreign/model.pth fresh/model.pth || fail "a foreign checkpoint got into a training"

# A story holds its folder while it trains in it, until it ends, however that is.
"$MUDRA" reproduce --out story --epochs 100000 >/dev/null 2>&1 &
process=$!
for _ in $(seq 600); do
  [ ! -e story/checkpoint.npz ] || break
  sleep 0.1
done
[ -e story/checkpoint.npz ] || fail "the story's training did not begin"
expect_exit 1 "${train[@]}" "${short[@]}" --out story --resume
expect_one_line "story: another mudra is at work in this folder"
kill -9 $process
wait $process || true
expect_exit 1 "${train[@]}" "${short[@]}" --out story --resume
expect_one_line "cannot resume: "

# set NAME CLASS SUBJECT: a small .npz whose first class and subject are called so.
need_numpy
set_of() {
  "$NUMPY_PYTHON" - "$@" <<'PYTHON'
import sys, numpy
name, first, subject = sys.argv[1:]
images = numpy.random.default_rng(1).integers(0, 255, (48, 96, 96), dtype=numpy.uint8)
numpy.savez(name, images=images, labels=numpy.arange(48) % 2, subjects=numpy.arange(48) // 2 % 3,
            class_names=numpy.array([first, "b"]), subject_names=numpy.array([subject, "s1", "s2"]))
PYTHON
}
set_of long.npz "$(printf 'x%.0s' $(seq 101))" s0
expect_exit 1 "${train[@]}" --data long.npz --out refused
expect_one_line "has 101 bytes; 1 to 100 can be kept"
set_of empty.npz "" s0
expect_exit 1 "${train[@]}" --data empty.npz --out refused
expect_one_line "a class has an empty name"
set_of lines.npz $'a\nb' s0
expect_exit 1 "${train[@]}" --data lines.npz --out refused
expect_one_line "has control characters"
set_of markup.npz '<img src=x onerror=alert(1)>&"' s0
expect_exit 0 "$MUDRA" data info markup.npz
expect_exit 0 "${train[@]}" --data markup.npz --split random --epochs 1 --out markup
expect_text out '<img src=x onerror=alert(1)>&"'
set_of outside.npz a ../../x
expect_exit 1 "${train[@]}" --data outside.npz --split loso --out deep/er/refused
expect_one_line "the subject '../../x' cannot name a file"
[ ! -e refused ] && [ ! -e deep ] || fail "a refused training left a folder"

# Each fold of leaving one out has a folder of its own, which nobody else may train in meanwhile, nor has before.
set_of three.npz a s0
loso=(--data three.npz --split loso --epochs 1 --patience 1)
"${train[@]}" "${long[@]}" --out folds/without_s1 >/dev/null 2>&1 &
process=$!
for _ in $(seq 600); do
  [ ! -e folds/without_s1/checkpoint.npz ] || break
  sleep 0.1
done
expect_exit 1 "${train[@]}" "${loso[@]}" --out folds
expect_one_line "folds/without_s1 holds a training of its own"
rm folds/without_s1/config.json
expect_exit 1 "${train[@]}" "${loso[@]}" --out folds
expect_one_line "folds/without_s1: another mudra is at work in this folder"
kill -9 $process
wait $process || true
[ ! -e folds/config.json ] && [ ! -e folds/without_s0/model.pth ] || fail "a refused training was begun"
expect_exit 0 "${train[@]}" "${loso[@]}" --out folds

# Fewer pictures than a batch: the default fits them, what was asked for is named.
set_of few.npz a s0
expect_exit 1 "${train[@]}" --data few.npz --batch 64 --split random --out few
expect_text err "fewer than one batch of 64; choose a smaller --batch"
