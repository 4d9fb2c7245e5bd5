# 10,000 inferences over both sockets, with changes of the rate between them, and the firmware's memory is what it was before.
source "$MUDRA_SOURCE/tests/cli/board_steps.sh"
model=gesture.espdl
"$MUDRA_GESTURE_MODEL" $model
"$MUDRA" data synth --out hands --per-class 1 --seed 5 >/dev/null 2>&1
start_board tty --usb-link "$PWD/usb" --model $model
resident() { awk '/^VmRSS/ {print $2}' "/proc/$board/status"; }
# bench RUNS: over each socket, in a conversation of its own, for which UART0 goes to 1,000,000 baud and back.
bench() {
  expect_exit 0 "$MUDRA" monitor --port usb hands/*/*/*.png --bench "$1" --memory --json
  [ "$(rates_during "$MUDRA" monitor --port tty hands/*/*/*.png --bench "$1" --memory --json)" = "115200 1000000" ] ||
    { cat err >&2; fail "the rate did not change"; }
}

bench 100
cp out before.json
before=$(resident)
for _ in 1 2 3 4 5; do bench 1000; done
cp out after.json
after=$(resident)
/usr/bin/python3 - <<'END' || fail "memory grew"
import json
now = lambda path: [m for m in json.load(open(path))["memory"] if m["when"] == "now"][0]
stack = lambda path: json.load(open(path))["stacks"][0]["least_free"]
assert json.load(open("after.json"))["bench"][0]["runs"] == 1000
assert now("before.json") == now("after.json"), (now("before.json"), now("after.json"))
assert stack("before.json") == stack("after.json")
END
[ $((after - before)) -le 256 ] || fail "the process grew from $before KB to $after KB"
