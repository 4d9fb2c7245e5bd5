# All 11 recorded runs of a real chip, sent over the serial line to the firmware with its vector kernels: every percentage is
# equal.
need_shared
source "$MUDRA_SOURCE/tests/cli/board_steps.sh"
published=$MUDRA_SHARED/data/published
/usr/bin/python3 - "$published/hardware-runs.json" >runs <<'END'
import json, sys
for run in json.load(open(sys.argv[1]))["runs"]:
    if run["model"] and run["image"]:
        print(run["model"], run["image"])
END
[ "$(wc -l <runs)" = 11 ] || fail "there are other runs than the 11"
for model in $(cut -d' ' -f1 runs | sort -u); do
  images=()
  while read -r image; do images+=("$published/images/$image"); done < <(sed -n "s/^$model //p" runs)
  start_board "$model.tty" --vector-unit --model "$published/models/$model"
  expect_exit 0 "$MUDRA" monitor --port "$model.tty" --model "$published/models/$model" --published "${images[@]}" --json
  cp out "$model.json"
done
/usr/bin/python3 - "$published/hardware-runs.json" <<'END' || fail "a percentage differs"
import json, os, sys
runs = [run for run in json.load(open(sys.argv[1]))["runs"] if run["model"] and run["image"]]
equal = 0
for run in runs:
    images = json.load(open(run["model"] + ".json"))["images"]
    (image,) = [i for i in images if os.path.basename(i["image"]) == run["image"]]
    assert image["equal"]
    computed = list(image["board"][0]["percent"].values())
    assert len(computed) == len(run["pct"]) == 8
    equal += sum(abs(a - b) < 0.005 for a, b in zip(computed, run["pct"]))
print(f"{len(runs)} runs, {equal} of 88 percentages equal")
assert len(runs) == 11 and equal == 88
END
