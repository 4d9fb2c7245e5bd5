# Names from files, folders, models and the command line: shown, never obeyed by the terminal.
escape=$'\e[31m' c1=$'\xc2\x9b31m' bidi=$'\xe2\x80\xae' latin=$'\xe9'

# The command line itself.
for word in "$escape" "$c1" "$bidi" "$latin" $'two\nlines'; do
  said 2 "$MUDRA" "frob$word"
  said 2 "$MUDRA" train "--no$word"
  said 2 "$MUDRA" quantize x --out y --data z --tests "n$word"
  said 1 "$MUDRA" inspect "no$word"
  said 1 "$MUDRA" train --data "no$word" --out run
  said 1 "$MUDRA" help "no$word"
  said 1 "$MUDRA" monitor --port "no$word"
done

# A data set's folders and pictures.
for word in "$escape" "$c1" "$bidi"; do
  rm -rf set && mkdir -p "set/anna/fist$word" set/anna/palm
  cp "$MUDRA_SOURCE/tests/cli/data/hand.png" "set/anna/fist$word" && cp "$MUDRA_SOURCE/tests/cli/data/hand.png" set/anna/palm
  said 1 "$MUDRA" data info set
  expect_one_line "control characters"
  rm -rf "set/anna/fist$word" && mkdir set/anna/fist && cp "$MUDRA_SOURCE/tests/cli/data/hand.png" "set/anna/fist/a$word.png"
  echo none >"set/anna/fist/b$word.png"
  said 1 "$MUDRA" data prepare set --out set.npz
  said 0 "$MUDRA" data info set/anna/palm
done

# A folder that is not UTF-8 is taken, and shown with a replacement character; JSON is ASCII.
mkdir -p latin/palm "latin/pouc$latin"
for class in palm "pouc$latin"; do cp "$MUDRA_SOURCE/tests/cli/data/hand.png" "latin/$class"; done
said 0 "$MUDRA" data info latin
said 0 "$MUDRA" data info latin --json
LC_ALL=C grep -q '[^ -~]' out && fail "JSON is not ASCII"

# Model files whose nodes and classes are called so: refused in one line, or shown.
"$MUDRA_GESTURE_MODEL" models.espdl
"$MUDRA" export "$MUDRA_SOURCE/tests/cli/data/named.pth" --data latin --out models >/dev/null 2>&1
mv models.espdl models/model.espdl
mkdir hostile
/usr/bin/python3 - <<'PYTHON'
import pathlib, zipfile

def in_archive(source, target, old, new):
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(target, "w") as after:
        for info in before.infolist():
            after.writestr(info.filename, before.read(info).replace(old, new))

names = {"escape": b"\x1b[31m", "c1": b"\xc2\x9b31m", "bidi": b"\xe2\x80\xaexx", "lines": b"\nmud\r", "latin": b"\xe9\xffxxx",
         "paragraph": b"\xe2\x80\xa9xx", "html": b"<i>&\""}
files = sorted(pathlib.Path("models").iterdir())
assert len(files) == 5, files
for file in files:
    whole = file.read_bytes()
    old = [word for word in (b"layer", b"class", b"first", b"palm\"", b"fist\"") if word in whole]
    assert old or file.suffix == ".pth", file
    for kind, name in names.items():
        for word in old or (b"layer", b"first"):
            target = f"hostile/{kind}_{word[:4].decode()}_{file.name}"
            if file.suffix == ".pth":
                in_archive(file, target, word, name)
            else:
                pathlib.Path(target).write_bytes(whole.replace(word, name))
PYTHON
for file in hostile/*; do
  code=0
  "$MUDRA" inspect "$file" >out 2>err || code=$?
  [ $code = 0 ] || { [ $code = 1 ] && expect_one_line "$file: "; } || fail "exit $code for $file"
  clean out err
  case $file in  # a line feed never makes lines of a file's own
    *lines*) ! grep -q '^mud ' out || fail "a name of $file begins a line" ;;
  esac
done

# A stored set with a line feed in a class.
if [ -n "${MUDRA_SHARED:-}" ] && [ -e "$MUDRA_SHARED/data/faults/newline_class_name.npz" ]; then
  for words in "data info" "data split --out s" "train --out run --data" "evaluate $MUDRA_SOURCE/tests/cli/data/named.pth --data"; do
    # shellcheck disable=SC2086
    said 1 "$MUDRA" $words "$MUDRA_SHARED/data/faults/newline_class_name.npz"
    expect_one_line "control characters"
  done
fi
