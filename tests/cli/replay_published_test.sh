# All 11 runs of a real chip whose picture and model are known: 88 percentages, all equal. The two others are
# listed, and the broken model of the folder is told from the sound ones.
need_shared
published=$MUDRA_SHARED/data/published
replay() { expect_exit 0 "$MUDRA" replay "$published/hardware-runs.json" "$@"; } # models and images lie beside it

replay
expect_text out "11 of 11 runs equal, 88 of 88 percentages; 2 runs of unknown image or model not compared"
expect_text out "PalmGesture_Int8: its image and model are not known"
expect_text out "  printed     98.04    0.04    1.23    0.01    0.10    0.45    0.08    0.04"
expect_text out "wrong: /first/first.0/Conv: all 16 biases are at the limits of 20 bits"
[ "$(grep -c '^gesture_model_.*espdl$' out)" = 1 ] || fail "more than gesture_model_mixed.espdl is called wrong"
[ ! -s err ] || fail "something was said on stderr"

replay --json
/usr/bin/python3 - <<'END' || fail "the JSON document does not say so"
import json
document = json.load(open("out"))
assert document["equal_runs"] == 11 and document["equal_percentages"] == 88, document
known = [run for run in document["runs"] if run["model"] is not None]
assert len(document["runs"]) == 13 and len(known) == 11
assert all(run["equal"] is True and run["printed"] == run["computed"] for run in known)
unknown = [run for run in document["runs"] if run["model"] is None]
assert all(run["computed"] is None and run["equal"] is None for run in unknown)
assert {finding["model"] for finding in document["findings"]} == {"gesture_model_mixed.espdl"}
END

# A percentage that differs fails the command, after everything was printed.
sed 's/98.04/98.05/' "$published/hardware-runs.json" >changed.json
expect_exit 1 "$MUDRA" replay changed.json --models "$published/models" --images "$published/images"
expect_one_line "mudra: replay: 1 of 11 runs differ from what the chip printed"
expect_text out "10 of 11 runs equal, 87 of 88 percentages"
expect_text out "  7 of 8 equal"
