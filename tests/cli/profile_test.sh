# What a model costs on the chip: the same in text and JSON, an estimate that says so, and one line for what is none.
model=$(dirname "$MUDRA")/../../tests/cli/gesture_model
"$model" small.espdl

said 0 "$MUDRA" profile small.espdl
expect_text out "estimated, not measured"
expect_text out "counted on the virtual chip"
[ ! -s err ] || fail "something is said on stderr"
expect_text out "board  "
grep -Eq '^generic +[0-9,]+ +[0-9,]+  yes$' out || fail "the boards are not listed"
"$model" many.espdl classes=65
said 0 "$MUDRA" profile many.espdl
expect_text out "no: it has 65 classes; the board takes up to 64"
said 0 "$MUDRA" profile small.espdl --weights flash
expect_text out "of packed weights in flash instead"
said 0 "$MUDRA" profile small.espdl --kernels portable
expect_text out "0 instructions of vector kernels"

for choice in "" "--weights flash" "--kernels portable" "--frequency 80"; do
  expect_exit 0 "$MUDRA" profile small.espdl --json $choice
  cp out "profile$choice.json"
done
/usr/bin/python3 - <<'END' || fail "the JSON is not as promised"
import json
plain, flash, portable, slow = (json.load(open(f"profile{choice}.json"))
                                for choice in ("", "--weights flash", "--kernels portable", "--frequency 80"))
for d in plain, flash, portable, slow:
    assert d["estimated"] is True
    for key in "instructions", "multiply_adds":
        assert d[key] == sum(node[key] for node in d["nodes"]) > 0, key
    assert abs(d["us"] - sum(node["us"] for node in d["nodes"])) < 1e-6 * d["us"]
    assert 0 < d["us_low"] < d["us"] < d["us_high"]
    for key in "arena_bytes", "packed_bytes", "code_bytes":
        assert isinstance(d[key], int) and d[key] >= 0, key
    for node in d["nodes"]:
        assert node.keys() >= {"node", "operation", "kernel", "why", "instructions", "multiply_adds", "us"}
for d in plain, flash:
    memory = d["memory"]
    assert memory["bytes"] == d["arena_bytes"] + (d["packed_bytes"] if d is plain else 0), memory["bytes"]
    assert max(step["bytes"] for step in memory["steps"]) == memory["bytes"]
    for block in memory["blocks"]:
        assert block["kind"] in ("tensor", "ring", "scratch", "weights") and block["name"]
        assert 0 <= block["first_step"] <= block["last_step"] < len(memory["steps"])
        assert block["offset"] + block["bytes"] <= memory["bytes"]
assert portable["memory"] is None
boards = {board["board"]: board for board in plain["boards"]}
assert all(board["fits"] and not board["refusals"] for board in boards.values()) and len(boards) >= 8
assert boards["eye"]["ram_bytes"] > boards["generic"]["ram_bytes"] and boards["eye"]["flash_bytes"] <= boards["eye"]["board_flash_bytes"]
assert plain["kernels"] == "s3" and portable["kernels"] == "portable" and portable["packed_bytes"] == 0
assert plain["instructions"] == flash["instructions"] < portable["instructions"] / 5
assert flash["us"] > plain["us"] and flash["packed_bytes"] == plain["packed_bytes"] > 0
assert abs(slow["us"] / plain["us"] - 3) < 1e-6
END

for usage in "--frequency 0" "--frequency 1000" "--frequency fast" "--weights disk" "--kernels fast" "--weights"; do
  said 2 "$MUDRA" profile small.espdl $usage
done
said 1 "$MUDRA" profile small.espdl --kernels portable --weights ram
expect_one_line "leave out --weights ram"
head -c 1000 small.espdl >truncated.espdl
: >empty.espdl
for file in truncated.espdl empty.espdl missing.espdl "$MUDRA_SOURCE/README.md" .; do
  said 1 "$MUDRA" profile "$file"
  expect_one_line "$file"
done
