# mudra test: what a model says of itself, computed again.
"$MUDRA_GESTURE_MODEL" model.espdl
expect_exit 0 "$MUDRA" test model.espdl
expect_text out "model.espdl: input 0: 4 values as recorded; the engine gives the same"
expect_exit 0 "$MUDRA" test model.espdl model.espdl --json
/usr/bin/python3 -c 'import json; a, b = json.load(open("out")); assert b["right"] and a["tests"][0]["engine_is_equal"]' ||
  fail "the document is another"

"$MUDRA_GESTURE_MODEL" wrong.espdl WRONG
expect_exit 1 "$MUDRA" test model.espdl wrong.espdl
grep -qE 'wrong.espdl: input [0-9]+: [0-9]+ of 4 values differ from the recorded ones, by [0-9]+ at most; the engine' out ||
  fail "it is not said how much differs"
expect_one_line "mudra: test: 1 of 2 models do not pass their own test"

expect_exit 1 "$MUDRA" test missing.espdl
expect_one_line "mudra: test: missing.espdl"
echo rubbish >rubbish.espdl
expect_exit 1 "$MUDRA" test rubbish.espdl
expect_one_line "mudra: test: rubbish.espdl: "
expect_exit 2 "$MUDRA" test
expect_text err "Usage: mudra test"

[ -n "${MUDRA_SHARED:-}" ] || exit 0
expect_exit 0 "$MUDRA" test "$MUDRA_SHARED"/vendor-models/{Gemm_*,s3_model}.espdl
[ "$(grep -c 'values as recorded; the engine gives the same' out)" = 4 ] || fail "not all four are right"
expect_exit 1 "$MUDRA" test "$MUDRA_SHARED/vendor-models/s3_imagenet_cls_mobilenetv2_s8_v1.espdl"
expect_one_line "it holds no test inputs"
