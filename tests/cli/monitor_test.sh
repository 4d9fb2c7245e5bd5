# deploy -> run -> monitor: a project's model in the flash of the firmware, which answers as this PC computes.
source "$MUDRA_SOURCE/tests/cli/board_steps.sh"
"$MUDRA_GESTURE_MODEL" gesture.espdl
"$MUDRA" deploy gesture.espdl --out project >/dev/null
"$MUDRA" data synth --out hands --per-class 1 --seed 5 >/dev/null 2>&1
hands=(hands/*/*/*.png)
start_board tty --model project/model.espdl

expect_exit 0 monitor
for text in "4 classes" "palm, fist, thumb up, ok" "engine   mudra: arena of" "memory, bytes" "stack of task main"; do
  expect_text out "$text"
done

expect_exit 0 monitor --model gesture.espdl "${hands[@]}" --bench 20 --selftest --memory --json
[ ! -s err ] || { cat err >&2; fail "something was said on stderr"; }
/usr/bin/python3 - "${#hands[@]}" <<'END' || fail "the JSON document is another"
import json, sys
answer = json.load(open("out"))
assert answer["labels"] == ["palm", "fist", "thumb up", "ok"] and answer["model"]["tests"] == 2
assert len(answer["images"]) == int(sys.argv[1]) > 5
for image in answer["images"]:
    assert image["equal"] and image["board"][0]["integer"] == image["pc"]["integer"], image
    assert image["board"][0]["percent"] == image["pc"]["percent"], image
assert answer["bench"][0]["runs"] == 20 and 0 < answer["bench"][0]["least_us"] <= answer["bench"][0]["most_us"]
assert [test["passed"] for test in answer["selftest"]] == [True, True]
assert {"boot", "loaded", "now"} <= {moment["when"] for moment in answer["memory"]}
END

# The text for people shows the same.
expect_exit 0 monitor --model gesture.espdl "${hands[0]}" --bench 5 --selftest
for text in "   PC " "latency, ms" "self-test 2 of mudra: equal"; do expect_text out "$text"; done

# A model that names its own rule for pictures: the same on the board, in the simulator and in predict.
"$MUDRA_GESTURE_MODEL" published.espdl input_rule=published
start_board rule_tty --model published.espdl
expect_exit 0 "$MUDRA" monitor --port rule_tty --model published.espdl "${hands[@]}" --json
mv out board.json
for model in gesture published; do
  expect_exit 0 "$MUDRA" predict $model.espdl "${hands[@]}" --json
  mv out $model.json
done
/usr/bin/python3 - <<'END' || fail "the rule is obeyed in one place and not in another"
import json
board = [image["board"][0]["integer"] for image in json.load(open("board.json"))["images"]]
rounded, published = ([p["integer"] for p in json.load(open(m + ".json"))] for m in ("gesture", "published"))
assert board == published, (board, published)
assert published != rounded, "the rule makes no difference"
END

# When a class is shown the model says, and the board obeys; without a word of it that is from 80 % on.
expect_exit 0 monitor
expect_text out "shown    from 80.00 % on, until below 60.00 %, over 4 pictures"
"$MUDRA_GESTURE_MODEL" sure.espdl decision_enter=99.99
start_board sure_tty --model sure.espdl
expect_exit 0 "$MUDRA" monitor --port sure_tty --json
/usr/bin/python3 -c 'import json; d = json.load(open("out"))["decision"]; assert d == [{"pictures": 4, "enter": 99.99, "leave": 60.0}], d' ||
  fail "the board does not tell the rule of its model"
expect_exit 0 "$MUDRA" inspect sure.espdl
expect_text out "metadata decision_enter: 99.99"
"$MUDRA_GESTURE_MODEL" never.espdl decision_enter=30.00
for command in "predict never.espdl ${hands[0]}" "evaluate never.espdl --data hands"; do
  expect_exit 1 "$MUDRA" $command
  expect_one_line "never.espdl: its decision_pictures '', decision_enter '30.00' and decision_leave '' are no rule"
done
expect_exit 1 "$MUDRA" deploy never.espdl --out never
expect_one_line "the board would refuse it"
start_board never_tty --model never.espdl
expect_exit 1 "$MUDRA" monitor --port never_tty "${hands[0]}"
expect_one_line "there is no model"

# Names that the board has no room for.
"$MUDRA_GESTURE_MODEL" long.espdl name_bytes=300
start_board long_tty --model long.espdl
expect_exit 0 "$MUDRA" monitor --port long_tty --model long.espdl "${hands[0]}"
expect_text out "classes  0, 1, 2, 3 (the model names none, or has longer names than the board keeps)"

# Another model than the board's, and one whose recorded output is wrong.
"$MUDRA_GESTURE_MODEL" wrong.espdl WRONG
expect_exit 1 monitor --model wrong.espdl "${hands[0]}"
expect_one_line "the board has another model"
start_board wrong_tty --model wrong.espdl
expect_exit 1 "$MUDRA" monitor --port wrong_tty --selftest
expect_one_line "an output differs from the recorded one"
expect_text out "self-test 2 of mudra: DIFFERS"
expect_text out "output 2 is"

# No camera, no model, no room.
expect_exit 1 monitor --stream
expect_one_line "there is no camera"
start_board empty_tty
expect_exit 0 "$MUDRA" monitor --port empty_tty
expect_text out "model    none"
expect_exit 1 "$MUDRA" monitor --port empty_tty "${hands[0]}"
expect_one_line "there is no model"
start_board small_tty --model gesture.espdl --internal-bytes 32288
expect_exit 1 "$MUDRA" monitor --port small_tty "${hands[0]}"
expect_one_line "there is not enough memory"

# A chip with a vector unit runs the kernels for it, and scores as this PC does.
expect_exit 0 monitor
expect_text out "bytes in internal RAM, portable kernels"
start_board vector_tty --model project/model.espdl --vector-unit  # with packed weights behind it
expect_exit 0 "$MUDRA" monitor --port vector_tty --model gesture.espdl "${hands[0]}" --selftest --bench 5 --json
/usr/bin/python3 - <<'END' || fail "the vector kernels are not run, or wrong"
import json
answer = json.load(open("out"))
(engine,) = answer["engines"]
assert (engine["kernels"], engine["weights"], engine["problem"]) == ("vector", "ram", ""), engine
assert all(image["equal"] for image in answer["images"]) and all(test["passed"] for test in answer["selftest"])
(bench,) = answer["bench"]
assert answer["bench_pc"]["runs"] == 5 and 0 < answer["bench_pc"]["us_low"] <= answer["bench_pc"]["us_high"], answer["bench_pc"]
assert 100 < bench["estimate"]["us_low"] < bench["estimate"]["us"] < bench["estimate"]["us_high"] < 5000, bench
END
expect_exit 0 "$MUDRA" monitor --port vector_tty --model gesture.espdl --bench 5
expect_text out "mean   estimated for an ESP32-S3"
grep -Eq '^the same on this PC: [0-9.]+ ms, .* 5 runs$' out || fail "this PC is not timed"
expect_exit 0 "$MUDRA" monitor --port vector_tty --bench 5
! grep -qE "estimated|this PC" out || fail "an estimate without the model"

# A camera's pictures, some of them and then until Ctrl-C.
/usr/bin/python3 - <<'END'
with open("camera.pgm", "wb") as out:
    for shade in (20, 120, 220):
        out.write(b"P5 120 100 255\n" + bytes([shade]) * 12000)
END
start_board camera_tty --model gesture.espdl --camera camera.pgm
expect_exit 0 "$MUDRA" monitor --port camera_tty --stream --frames 4 --json
/usr/bin/python3 -c 'import json; f = json.load(open("out"))["frames"]; assert [x["number"] for x in f] == [1, 2, 3, 4], f' ||
  fail "four frames were asked for"
"$MUDRA" monitor --port camera_tty --stream >streamed 2>&1 &
streaming=$!
for _ in $(seq 100); do [ "$(grep -c ' % ' streamed)" -gt 3 ] && break; sleep 0.05; done
kill -INT $streaming
wait $streaming || fail "Ctrl-C is how a stream ends"
expect_exit 0 "$MUDRA" monitor --port camera_tty  # the line is free, and the board listens

# Ports that are none.
expect_exit 1 "$MUDRA" monitor --port missing_tty
expect_one_line "missing_tty: there is no such port"
expect_exit 1 "$MUDRA" monitor --port /dev/null
expect_one_line "/dev/null: is no serial port"
expect_exit 2 "$MUDRA" monitor
expect_exit 2 "$MUDRA" monitor --port tty --bench 0
