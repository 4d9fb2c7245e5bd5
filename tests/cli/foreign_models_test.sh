# Networks of other programs: what today's exporters write is read, classes without names have numbers until they are
# named, and what is not supported is named, all at once.
need_shared
faults=$MUDRA_SHARED/data/faults/networks-and-pictures hand=$MUDRA_SOURCE/tests/cli/data/hand.png
own=$faults/own_8_classes.onnx names=down,c,ok,index,thumb,fist,l,palm

expect_exit 0 "$MUDRA" predict "$own" "$hand"
expect_text out "class 7"
expect_text err "own_8_classes.onnx does not name its classes, so they have numbers; name them with --classes A,B,..."
expect_exit 0 "$MUDRA" predict "$own" "$hand" --classes "$names"
grep -qE '^  down +[0-9.]+ %' out || fail "the names are not used"
[ ! -s err ] || fail "something was said on stderr"
expect_exit 1 "$MUDRA" predict "$own" "$hand" --classes a,b
expect_one_line "own_8_classes.onnx: --classes: it names 2 classes, but the network tells 8 apart"
expect_exit 1 "$MUDRA" predict "$own" "$hand" --classes a,b,c,d,e,f,g,
expect_one_line "--classes: a class has an empty name"
expect_exit 0 "$MUDRA" predict "$MUDRA_SOURCE/tests/cli/data/named.pth" "$hand" --classes a,b,c
expect_text err "named.pth: it names its classes itself ("

# A set's names are taken where there are as many, and only then.
expect_exit 0 "$MUDRA" evaluate "$own" --data synthetic:80,none=0
expect_text err "taken to be those of synthetic:80,none=0, in its order: palm, l, fist, thumb, index, ok, c, down"
expect_exit 0 "$MUDRA" evaluate "$own" --data synthetic:80,none=0 --classes "$names"
[ ! -s err ] || fail "something was said on stderr"
expect_exit 1 "$MUDRA" evaluate "$own" --data "$faults/train_test_valid"
expect_one_line "it tells 8 classes apart without naming them"
expect_exit 0 "$MUDRA" evaluate "$MUDRA_SHARED/data/published/models/gesture_model.onnx" --data synthetic:80
expect_text err "taken to be palm, l, fist, thumb, index, ok, c, down, as in the article it is of"

# Down to the board.
expect_exit 0 "$MUDRA" quantize "$own" --data synthetic:64 --out unnamed.espdl --calibration minmax
expect_text err "so they have numbers"
expect_exit 0 "$MUDRA" inspect unnamed.espdl
grep -q '^classes:' out && fail "it has names"
expect_exit 0 "$MUDRA" deploy unnamed.espdl --out unnamed
expect_text out "the model does not name its classes"
expect_exit 0 "$MUDRA" deploy unnamed.espdl --out named --classes "$names"
grep -qF "does not name its classes" out && fail "the names were not taken"
grep -qra '\["down","c","ok","index","thumb","fist","l","palm"\]' named || fail "the project's model has no names"
expect_exit 0 "$MUDRA" quantize "$own" --data synthetic:64 --out named.espdl --calibration minmax --classes "$names"
expect_exit 0 "$MUDRA" inspect named.espdl
expect_text out "classes: down, c, ok, index, thumb, fist, l, palm"
expect_exit 0 "$MUDRA" deploy named.espdl --out again --classes "$names"
expect_exit 1 "$MUDRA" deploy named.espdl --out other --classes palm,l,fist,thumb,index,ok,c,down
expect_one_line "it names its classes itself, otherwise; leave --classes out"

# What a .pth cannot hold, none of LightGestureNet's blocks, has the other formats; int8 with the float's classes.
expect_exit 0 "$MUDRA" export "$faults/plain.onnx" --data synthetic:200 --out plain
expect_text err "no model.pth: it has none of LightGestureNet's blocks"
[ -e plain/model_int8.tflite ] && [ ! -e plain/model.pth ] || fail "the wrong files were kept"

# Today's exporters.
for name in plain external_data opset22 dropout squeeze tf2onnx_nhwc softmax_end; do
  expect_exit 0 "$MUDRA" predict "$faults/$name.onnx" "$hand" --json
  cp out "$name.json"
done
expect_exit 0 "$MUDRA" inspect "$faults/softmax_end.onnx"
expect_text out "at the end is left out: the scores are those before it"
for name in rgb size64 own_8_classes; do expect_exit 0 "$MUDRA" inspect "$faults/$name.onnx"; done
for name in deep50 maxpool leakyrelu; do
  expect_exit 0 "$MUDRA" quantize "$faults/$name.onnx" --data synthetic:64 --recipe int8 --out "$name.espdl"
  expect_exit 0 "$MUDRA" test "$name.espdl"
done
