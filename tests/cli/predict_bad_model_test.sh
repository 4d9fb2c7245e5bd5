# A MODEL that is none is named in one line, before any picture is looked at.
files=$MUDRA_SOURCE/tests/format/data

refused() {  # refused MODEL TEXT
  expect_exit 1 "$MUDRA" predict "$1" hand.png
  expect_one_line "mudra: predict: $1: $2"
  [ ! -s out ] || fail "something was printed for $1"
}

refused missing.pth "No such file"
mkdir folder
refused folder "a folder without model.pth"
: >empty.pth
refused empty.pth "is empty"
echo hello >text.pth
refused text.pth "is not a .pth"
head -c 1500 "$files/checkpoint.pth" >cut.pth
refused cut.pth "not a whole zip archive"
cp "$files"/{whole_model,checkpoint,legacy}.pth .
refused whole_model.pth "data.pkl: refused: torch.nn.modules.linear.Linear"
refused legacy.pth "is in the format of PyTorch before 1.6"
refused checkpoint.pth ""  # tensors, but of another network
echo >model.onnx
refused model.onnx "not an ONNX file"
