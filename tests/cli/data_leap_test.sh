# The reference frames: read completely, and a random split of them leaks where one by people does not.
need_shared

expect_exit 0 "$MUDRA" data prepare "$MUDRA_SHARED/data/leap/leapGestRecog" --out leap.npz --json
expect_text out '"images": 1095'
expect_text out '"moved_left_out": 61'
expect_exit 0 "$MUDRA" data info leap.npz --json
command -v python3 >/dev/null || skip "python3 is not installed"
python3 - out <<'PY' || fail "not the known leak"
import json, sys
leakage = json.load(open(sys.argv[1]))["leakage"]
assert leakage["random"]["share"] > 0.8, leakage
assert leakage["by_subject"]["share"] == 0, leakage
PY
