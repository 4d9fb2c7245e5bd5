# Every format is printed as text: nodes, shapes, sizes.
"$MUDRA" train --data synthetic:800,light=infrared --epochs 4 --out run >/dev/null 2>&1
"$MUDRA" export run --out exported --data synthetic:64,light=infrared >/dev/null 2>&1
for file in model.pth model.onnx model.tflite model_int8.tflite; do
  expect_exit 0 "$MUDRA" inspect "exported/$file"
  expect_text out "exported/$file: $(stat -c %s "exported/$file") bytes"
  expect_text out layers.1.add
done
expect_exit 0 "$MUDRA" inspect exported/model.onnx
expect_text out "15282720 multiply-adds"
expect_text out "classes: palm, l, fist, thumb, index, ok, c, down, none"
expect_exit 0 "$MUDRA" inspect exported/model.pth
expect_text out "layers.0.conv.0.weight  float [96, 16, 1, 1]"
expect_exit 0 "$MUDRA" inspect exported/model_int8.tflite
expect_text out "DEPTHWISE_CONV_2D stride 2x2 VALID RELU6"

echo no >no.onnx
expect_exit 1 "$MUDRA" inspect no.onnx
expect_one_line "no.onnx: not an ONNX file"
expect_exit 1 "$MUDRA" inspect hand.png
expect_one_line "not one of .pth, .onnx, .tflite and .espdl"
expect_exit 2 "$MUDRA" inspect
