# On from a trained network with few pictures of one's own: other and more classes, rendered hands mixed in, sessions.
"$MUDRA" train --data synthetic:320 --channels 8,8/2 --expansion 2 --epochs 1 --out run >/dev/null 2>&1
"$MUDRA" data synth --out hands --people 1 --per-class 6 --seed 1 --without-none >/dev/null 2>&1
for session in 1 2 3; do
  for pair in palm/palm fist/rock; do
    mkdir -p mine/ana-$session/${pair#*/}
    cp hands/s000/${pair%/*}/000$((2 * session - 2)).png hands/s000/${pair%/*}/000$((2 * session - 1)).png \
      mine/ana-$session/${pair#*/}
  done
done

classes() {  # RUN: the names of its outputs, in order
  "$MUDRA" predict "$1" mine/ana-1/rock/0000.png --json >answer
  /usr/bin/python3 -c 'import json; print(*json.load(open("answer"))[0]["scores"])'
}
expect_classes() { [ "$(classes "$1")" = "$2" ] || fail "the classes of $1 are $(classes "$1")"; }

# By default: both kinds in every batch, classes of both, steps and a rate for few pictures; sessions are apart.
expect_exit 0 "$MUDRA" train --from run --data mine --out whole --threads 2
expect_text err "run: rendered hands are mixed in, so that it forgets nothing"
expect_text err "run: new classes: rock"
expect_text err "whole: 4 pictures, drawn 720 times, and 1440 fresh rendered hands an epoch; split: by session: test ana-"
expect_text out "kept the averaged weights"
expect_classes whole "palm l fist thumb index ok c down none rock"
/usr/bin/python3 - <<'END' || fail "other settings than for few pictures"
import json
options = json.load(open("whole/config.json"))["options"]
assert (options["epochs"], options["batch"], options["learning_rate"]) == (9, 32, 0.002), options
END

# Killed and resumed, on another number of threads: the same bytes.
"$MUDRA" train --from run --data mine --out killed --threads 1 >/dev/null 2>&1 &
process=$!
for _ in $(seq 600); do
  [ ! -e killed/checkpoint.npz ] || break
  sleep 0.1
done
kill -9 $process 2>/dev/null || true
wait $process || true
expect_exit 0 "$MUDRA" train --out killed --resume --threads 3
cmp whole/model.pth killed/model.pth || fail "after kill -9 the weights differ"

# Own pictures and rendered hands calibrate and judge together though neither shows all of its classes.
expect_exit 0 "$MUDRA" quantize whole --data mine --data synthetic:32 --out whole.espdl --calibration minmax
expect_text out "mine + synthetic:32"
expect_exit 0 "$MUDRA" evaluate whole whole.espdl --data synthetic:32 --data mine

# Without rendered hands classes that no set shows are dropped; a network of other classes gets none.
expect_exit 0 "$MUDRA" train --from run --data mine --without-rendered --epochs 1 --out only
expect_text err "run: dropped, as no set shows them: l, fist, thumb, index, ok, c, down, none"
expect_text err "only: 4 pictures, drawn 640 times, and 0 fresh rendered hands an epoch"
expect_classes only "palm rock"
expect_exit 0 "$MUDRA" train --from only --data mine --epochs 1 --out on
! grep -q "mixed in\|dropped\|new classes" err || { cat err >&2; fail "a word too much"; }
expect_classes on "palm rock"
expect_exit 0 "$MUDRA" train --from run --data mine --data synthetic:64 --epochs 1 --out own_synthetic
! grep -q "mixed in" err || fail "hands beside those that were asked for"
expect_text err "drawn 640 times, and 72 fresh rendered hands an epoch"

# A file of another network grows and shrinks as well.
expect_exit 0 "$MUDRA" train --data synthetic:64 --network lenet --epochs 1 --batch 16 --out lenet
expect_exit 0 "$MUDRA" train --from lenet --data mine --without-rendered --epochs 1 --out small_lenet
expect_classes small_lenet "palm rock"
