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
