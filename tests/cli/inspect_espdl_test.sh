# An .espdl is printed node by node, followed by what is wrong with it.
need_shared
models=$MUDRA_SHARED/data/published/models

expect_exit 0 "$MUDRA" inspect "$models/gesture_model_int8.espdl"
expect_text out "gesture_model_int8.espdl: 68804 bytes"
expect_text out "EDL1 graph 'main_graph': 30 nodes"
expect_text out "/first/first.0/Conv  Conv 3x3, stride 2x2, padding 1 1 1 1"
expect_text out "with onnx::Conv_140  int8 [16, 1, 3, 3] * 2^-3"
expect_text out "to   output  int8 [1, 8] * 2^-2"
expect_text out "nothing wrong found"

expect_exit 0 "$MUDRA" inspect "$models/gesture_model_mixed.espdl"
expect_text out "wrong: /first/first.0/Conv: all 16 biases are at the limits of 20 bits (-524288 or 524287)"

# A file is no pass of ours: nothing is said of what went before.
for file in "$MUDRA_SHARED"/reference-operators/{flatgemm,dilated,conv5}.espdl "$MUDRA_SHARED"/vendor-models/*.espdl; do
  [ -e "$file" ] || continue
  expect_exit 0 "$MUDRA" inspect "$file"
  ! grep -qE '(^|: )after ' out || fail "$file: a pass is named"
  "$MUDRA" predict "$file" "$MUDRA_SOURCE/tests/cli/data/hand.png" >out 2>err || true  # some run, some are refused
  ! grep -q ': after ' err || fail "$file: a pass is named"
done
