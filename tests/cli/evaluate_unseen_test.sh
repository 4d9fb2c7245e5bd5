# What a training has seen is known to those who judge it: by picture, whatever it is called by now, and over several trainings.
"$MUDRA" data synth --out hands --people 1 --per-class 6 --seed 1 --without-none >/dev/null 2>&1
for session in 1 2 3; do
  for class in palm fist; do
    mkdir -p mine/ana-$session/$class
    cp "hands/s000/$class/000$((2 * session - 2)).png" "hands/s000/$class/000$((2 * session - 1)).png" mine/ana-$session/$class
  done
done
expect_exit 0 "$MUDRA" train --data mine --channels 8,8/2 --expansion 2 --epochs 2 --json --out run
mv out trained
expect_text err "split: by session: test ana-"
tester=$(sed -n 's/.*split: by session: test \(ana-[0-9]\).*/\1/p' err | head -n 1)

# Nothing of single pictures unless it is asked for, and only in the document.
expect_exit 0 "$MUDRA" evaluate run --data mine --json
! grep -q '"pictures"' out || fail "pictures that nobody asked for"
expect_exit 2 "$MUDRA" evaluate run --data mine --pictures
expect_exit 0 "$MUDRA" evaluate run --data mine
expect_text out "on all 12 images of mine, 8 of which the training of run has seen"

# judged DOCUMENT CODE: CODE about the document `d` and its pictures `p` by file.
judged() {
  /usr/bin/python3 - "$tester" "$@" <<'PYTHON' || fail "$2"
import json, sys
tester = sys.argv[1]
d = json.load(open(sys.argv[2]))
p = {entry["file"]: entry for entry in d.get("pictures", [])}
exec(sys.argv[3])
PYTHON
}
expect_exit 0 "$MUDRA" evaluate run --data mine --pictures --json
judged out '
assert len(p) == 12 == d["images"] and d["seen"] == 8
for file, entry in p.items():
    sitting, actual, name = file.split("/")
    assert entry["actual"] == actual and 0.5 <= entry["probability"] <= 1, entry
    assert entry["seen"] == (sitting != tester), entry
names = [c["name"] for c in d["classes"]]
counts = [[sum(e["actual"] == a and e["said"] == s for e in p.values()) for s in names] for a in names]
assert counts == d["confusion"], counts
wrong = sum(e["said"] != e["actual"] and e["probability"] >= 0.6 for e in p.values()) / 12
assert abs(wrong - d["curve"][2]["wrong"]) < 1e-12'

# The unseen ones alone: what the training itself was judged on.
expect_exit 0 "$MUDRA" evaluate run --data mine --split unseen --pictures --json
judged out '
assert d["split"] == "unseen" and d["description"] == "the 4 of 12 images of mine that the training of run has not seen"
assert {file.split("/")[0] for file in p} == {tester} and d["seen"] == 0
trained = json.load(open("trained"))
assert (trained[0] if isinstance(trained, list) else trained)["test"]["confusion"] == d["confusion"]'

# On from it, those test whom it has not seen, whatever the seed.
for seed in 1 2 3 4; do
  expect_exit 0 "$MUDRA" train --from run --data mine --without-rendered --epochs 1 --seed $seed --out on$seed
  expect_text err "split: by session: test $tester"
done

# Called something else it was seen nevertheless; a new sitting was not. The integers in the RUN are the RUN's.
other=$([ "$tester" = ana-1 ] && echo ana-2 || echo ana-1)
mv "$(find mine/$other/palm -name '*.png' | head -n 1)" mine/$other/fist/moved.png
mkdir -p mine/bea-1/palm
"$MUDRA" data synth --out more --people 1 --per-class 1 --seed 9 --without-none >/dev/null 2>&1
cp more/s000/palm/0000.png mine/bea-1/palm
expect_exit 0 "$MUDRA" quantize run --data synthetic:32 --calibration minmax --out run/model.espdl
expect_exit 0 "$MUDRA" evaluate run run/model.espdl --data mine --pictures --json
judged out '
for model in d["models"]:
    seen = {entry["file"]: entry["seen"] for entry in model["pictures"]}
    assert model["seen"] == 8 and len(seen) == 13 and not seen["bea-1/palm/0000.png"]
    assert [seen[file] for file in seen if file.endswith("fist/moved.png")] == [True]'

# On from a network: what that one has seen, too. Of several, what none has seen; who does not say is not asked.
expect_exit 0 "$MUDRA" train --from run --data mine --without-rendered --epochs 1 --split random --out on
cp run/model.pth copy.pth
expect_exit 0 "$MUDRA" evaluate copy.pth run on --data mine --pictures --json
judged out '
copy, run, on = [model.get("pictures") for model in d["models"]]
assert all("seen" not in entry for entry in copy) and "seen" not in d["models"][0]
assert all(b["seen"] for a, b in zip(run, on) if a["seen"])
assert "the training of on, run has seen" in d["models"][0]["description"]'
expect_exit 1 "$MUDRA" evaluate copy.pth --data mine --split unseen
expect_one_line "--split unseen: no MODEL is a RUN of mudra train, or lies in one, that tells what it has seen"
rm -r mine/$tester mine/bea-1
expect_exit 1 "$MUDRA" evaluate run --data mine --split unseen
expect_one_line "mine: all 8 pictures were seen in the training of run, so none is left to judge it by"

# A damaged list.
for text in '' '[]' '{}' '{"seen": 1}' '{"seen": [1]}' '{"seen": ["0123456789abcdeg"]}' '{"seen": ["01"]}'; do
  echo "$text" >run/seen.json
  expect_exit 1 "$MUDRA" evaluate run --data mine
  expect_one_line "run/seen.json: "
done
rm run/seen.json
mkdir run/seen.json
expect_exit 1 "$MUDRA" evaluate run --data mine
expect_one_line "run/seen.json: "
! grep -q "seen.json.*seen.json" err || fail "a path is there twice"
