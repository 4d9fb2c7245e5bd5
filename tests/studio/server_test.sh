# The server of `mudra studio`: who may ask it, what it takes, one studio for a folder, and what a killed one leaves.
command -v node >/dev/null || skip "there is no node here: bash scripts/setup.sh npm"
unset DISPLAY WAYLAND_DISPLAY

start_studio() {  # FOLDER [OPTION...]: its link in $link, its process in $studio
  rm -f link
  "$MUDRA" studio "$@" --no-open >link 2>log &
  studio=$!
  until [ -s link ]; do
    kill -0 $studio 2>/dev/null || { cat log >&2; fail "the studio does not start"; }
    sleep 0.05
  done
  link=$(cat link)
}
trap 'kill -9 $studio 2>/dev/null || true' EXIT

"$MUDRA" data synth --out hands --people 1 --per-class 1 2>/dev/null
start_studio my-hands
[[ $link =~ ^http://127\.0\.0\.1:[0-9]+/\?token=[0-9a-f]{32}$ ]] || fail "that is no link: $link"
[ -z "$(ss -ltnH "sport = :$(sed -E 's/.*:([0-9]+).*/\1/' link)" 2>/dev/null | grep -v '127\.0\.0\.1:')" ] || fail "others can reach it"
expect_exit 0 node "$MUDRA_SOURCE/tests/studio/server.mjs" "$link" my-hands "$(find hands -name '*.png' | head -n 1)"
cat out

# A second studio, on the same folder and on the same port.
expect_exit 1 "$MUDRA" studio my-hands --no-open
expect_one_line "mudra: studio: my-hands: another studio has it open"
expect_exit 1 "$MUDRA" studio other --no-open --port "$(sed -E 's/.*:([0-9]+).*/\1/' link)"
expect_one_line "is not free"

# Killed while a training runs: that one stops too, all pictures are there, and the next studio says what was interrupted.
kill -9 $studio
wait $studio 2>/dev/null || true
for _ in {1..200}; do pgrep -f "train --resume --out my-hands/runs/rendered-1" >/dev/null || break; sleep 0.1; done
! pgrep -f "train --resume --out my-hands/runs/rendered-1" >/dev/null || fail "the training goes on without a studio"
start_studio my-hands
cookie="mudra_$(sed -E 's/.*:([0-9]+).*/\1/' link)=${link##*=}"
curl -s -b "$cookie" "${link%%\?*}api/state" >state.json
/usr/bin/python3 - <<'PYTHON' || { cat state.json >&2; fail "the next studio does not know what was"; }
import json
state = json.load(open("state.json"))
assert state["interrupted"]["kind"] == "resume" and state["interrupted"]["run"] == "rendered-1", state
assert state["counts"] == {"fist": 1} and state["job"] is None, state
assert state["runs"] == [{"name": "rendered-1", "trained": False, "started": True, "model": False}], state
PYTHON
[ -z "$(find my-hands -name '*.tmp')" ] || fail "half a file was left: $(find my-hands -name '*.tmp')"

# Idle it costs nothing to speak of, and Ctrl-C ends it.
memory_kb=$(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' /proc/$studio/status)
[ "$memory_kb" -lt 60000 ] || fail "$memory_kb KB of memory"
before=$(awk '{print $14 + $15}' /proc/$studio/stat)
sleep 2
ticks=$(($(awk '{print $14 + $15}' /proc/$studio/stat) - before))
echo "idle: $memory_kb KB, $ticks ticks of CPU in 2 s"
[ "$ticks" -le 2 ] || fail "$ticks ticks of CPU in 2 s without a page"
kill -INT $studio
wait $studio || fail "Ctrl-C is no error"
[ ! -s log ] || { cat log >&2; fail "something was said"; }

# What is no folder of a studio.
echo x >file
expect_exit 1 "$MUDRA" studio file --no-open
expect_one_line "file"
mkdir damaged && echo '{"classes": ["../x"]}' >damaged/studio.json
expect_exit 1 "$MUDRA" studio damaged --no-open
expect_one_line "damaged/studio.json"
expect_exit 2 "$MUDRA" studio my-hands --json
expect_exit 2 "$MUDRA" studio my-hands --port 0
expect_exit 2 "$MUDRA" studio my-hands --export site --port 8000
