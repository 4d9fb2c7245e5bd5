# A network judged on a set, and on the test part of its splits; every accuracy says on what.
cp "$MUDRA_SOURCE"/tests/cli/data/assumed.pth .

expect_exit 0 "$MUDRA" evaluate assumed.pth --data synthetic:160
grep -qE '^accuracy [0-9.]+ % on all 160 images of synthetic:160; whether the network has seen' out ||
  fail "the accuracy does not say what was judged"
expect_text out "size     $(stat -c %s assumed.pth) bytes"
grep -qE '^latency +[0-9]+ us per image on one thread' out || fail "no latency"
grep -qE '^down +' out || fail "no table of classes"
expect_text err "does not name its classes"

expect_exit 0 "$MUDRA" evaluate assumed.pth --data synthetic:160 --split subject --seed 3
grep -qE '^accuracy .* on the [0-9]+ test images of synthetic:160, by subject: test s[0-9]+.*, seed 3; ' out ||
  fail "the split is not said"
expect_exit 0 "$MUDRA" evaluate assumed.pth --data synthetic:160 --split random
grep -qE '^accuracy .* test images of synthetic:160, .*random' out || fail "the random split is not said"
expect_exit 0 "$MUDRA" evaluate assumed.pth --data synthetic:160 --split loso
expect_text out "one subject after the other"

# Scores do not depend on the threads.
for threads in 1 2; do
  "$MUDRA" evaluate assumed.pth --data synthetic:160 --threads $threads 2>/dev/null | grep -v latency >threads$threads
done
cmp threads1 threads2 || fail "one and two threads differ"

# Pictures of no gesture: a network without that class is asked about the others.
"$MUDRA" data synth --out hands --per-class 1 --people 1 --without-none >/dev/null 2>&1
cp -r hands/* people
mkdir -p others/_Unknown_
for gesture in palm ok c; do cp hands/s000/$gesture/0000.png others/_Unknown_/$gesture.png; done
expect_exit 0 "$MUDRA" evaluate assumed.pth --data people --data others
expect_text err "left out 3 of 11 pictures, of 'none', a class that the network does not have"
expect_text out "on all 8 images"
expect_exit 1 "$MUDRA" evaluate assumed.pth --data others
expect_text err "no images to judge"

# From a threshold on.
expect_exit 0 "$MUDRA" evaluate assumed.pth --data synthetic:160
grep -qE '^shown from 0.00 % on: right [0-9.]+ %, unknown 0.00 %, wrong [0-9.]+ %$' out || fail "no shares"
for threshold in 80 101% x; do
  expect_exit 1 "$MUDRA" evaluate assumed.pth --data synthetic:160 --threshold $threshold
  expect_one_line "--threshold: '$threshold' is no share"
done

command -v python3 >/dev/null || skip "python3 is not installed"
expect_exit 0 "$MUDRA" evaluate assumed.pth --data synthetic:160 --split loso --json
python3 - <<'PYTHON' || fail "the JSON is not as promised"
import json
document = json.load(open("out"))
for field in ("accuracy", "split", "classes", "subjects", "confusion", "bytes", "latency_us"):
    assert field in document, field
assert document["split"] == "loso"
assert [sorted(c) for c in document["classes"]] == [["f1", "name", "precision", "recall", "support"]] * 8
assert sum(s["images"] for s in document["subjects"]) == 160
hits = sum(document["confusion"][i][i] for i in range(8))
assert abs(document["accuracy"] - hits / 160) < 1e-12
assert sum(map(sum, document["confusion"])) == 160
PYTHON
expect_exit 0 "$MUDRA" evaluate assumed.pth --data synthetic:160 --threshold 80% --json
python3 - <<'PYTHON' || fail "the shares are not as promised"
import json
document = json.load(open("out"))
curve = {point["threshold"]: point for point in document["curve"]}
assert list(curve) == [0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99]
for point in curve.values():
    assert abs(point["right"] + point["unknown"] + point["wrong"] - 1) < 1e-12, point
assert {key: document[key] for key in curve[0.8]} == curve[0.8]
assert curve[0]["unknown"] == 0 and curve[0]["right"] == document["accuracy"]
shares = [(p["right"], -p["unknown"], p["wrong"]) for p in curve.values()]
for i in range(3):
    assert [s[i] for s in shares] == sorted((s[i] for s in shares), reverse=True), shares
PYTHON
