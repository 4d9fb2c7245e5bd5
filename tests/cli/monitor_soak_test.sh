# 10,000 inferences, and the firmware's memory is what it was before.
source "$MUDRA_SOURCE/tests/cli/board_steps.sh"
model=gesture.espdl
"$MUDRA_GESTURE_MODEL" $model
"$MUDRA" data synth --out hands --per-class 1 --seed 5 >/dev/null 2>&1
start_board tty --model $model
resident() { awk '/^VmRSS/ {print $2}' "/proc/$board/status"; }

expect_exit 0 monitor hands/*/*/*.png --bench 100 --memory --json
cp out before.json
before=$(resident)
expect_exit 0 monitor hands/*/*/*.png --bench 10000 --memory --json
cp out after.json
after=$(resident)
/usr/bin/python3 - <<'END' || fail "memory grew"
import json
now = lambda path: [m for m in json.load(open(path))["memory"] if m["when"] == "now"][0]
stack = lambda path: json.load(open(path))["stacks"][0]["least_free"]
assert json.load(open("after.json"))["bench"][0]["runs"] == 10000
assert now("before.json") == now("after.json"), (now("before.json"), now("after.json"))
assert stack("before.json") == stack("after.json")
END
[ $((after - before)) -le 256 ] || fail "the process grew from $before KB to $after KB"
