# `mudra studio --demo` opens what `make demo` leaves, and a run is exported with its report.
[ -n "$MUDRA_WASM" ] || skip "there is no engine.wasm here: bash scripts/setup.sh wasm"
unset DISPLAY WAYLAND_DISPLAY
trap 'kill -9 ${studio:-} 2>/dev/null || true' EXIT

expect_exit 1 "$MUDRA" studio --demo --no-open
expect_one_line "run/demo/model.pth: there is no demo here yet: make demo"
[ ! -e run ] || fail "half a demo was made"
expect_exit 2 "$MUDRA" studio
expect_text err "FOLDER is required"
expect_exit 2 "$MUDRA" studio my-hands --demo

"$MUDRA" data synth --out run/demo/hands --people 3 --per-class 1 2>/dev/null
"$MUDRA" data split run/demo/hands --out run/demo 2>/dev/null
"$MUDRA" train --data synthetic:64 --epochs 1 --out run/demo >/dev/null 2>&1
"$MUDRA" quantize run/demo --data synthetic:64 --recipe int8 --out run/demo/best.espdl >/dev/null 2>&1
echo "<h1>how good it is</h1>" >run/demo/report.html

state_of_demo() {
  rm -f link
  "$MUDRA" studio --demo --no-open >link &
  studio=$!
  until [ -s link ]; do kill -0 $studio || fail "the studio does not start"; sleep 0.05; done
  local link cookie
  link=$(cat link)
  cookie="mudra_$(sed -E 's/.*:([0-9]+).*/\1/' link)=${link##*=}"
  for path in api/state model.json api/pictures; do curl -s -b "$cookie" "${link%%\?*}$path" >"$(basename $path)"; done
  kill -INT $studio
  wait $studio || fail "Ctrl-C is no error"
}
state_of_demo
/usr/bin/python3 - <<'PYTHON' || { cat state model.json >&2; fail "the demo's run is not open"; }
import json
state, model = json.load(open("state")), json.load(open("model.json"))
assert state["folder"] == "run/studio", state
assert [(run["name"], run["trained"], run["model"]) for run in state["runs"]] == [("demo", True, True)], state
assert set(state["counts"].values()) == {1} and len(state["counts"]) == 9, "one person of three was not seen"
assert model["name"] == "demo" and model["chip_us_range"][0] < model["chip_us"] < model["chip_us_range"][1], model
assert 1000 < model["chip_us"] < 100000 and model["report"] is None, model
PYTHON
cmp run/studio/runs/demo/model.espdl run/demo/best.espdl || fail "these are other integers"

cmp run/studio/runs/demo/seen.json run/demo/seen.json || fail "what it has seen is forgotten"

# What was done to it stays.
rm -r run/studio/pictures
state_of_demo
[ "$(cat pictures)" = "{}" ] || fail "pictures came back"

# The page of a run has its report; `mudra studio FOLDER --export` of what has no integers says so.
expect_exit 0 "$MUDRA" studio run/demo --export site --json
grep -q '"report_bytes": 24' out || fail "no report: $(cat out)"
cmp site/report.html run/demo/report.html || fail "another report"
grep -q '"name":"best.espdl"' site/model.json && grep -q '"report":"report.html"' site/model.json || fail "$(cat site/model.json)"
expect_exit 1 "$MUDRA" studio run/demo/hands --export other
expect_one_line "has no integers yet"
expect_exit 2 "$MUDRA" studio --demo --export other
