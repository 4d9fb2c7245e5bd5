# Names from files, folders, models and the command line: shown, never obeyed by the terminal.
escape=$'\e[31m' c1=$'\xc2\x9b31m' bidi=$'\xe2\x80\xae' latin=$'\xe9'

# clean FILE...: no control characters but line feeds, no change of direction, nothing that is not UTF-8.
clean() {
  /usr/bin/python3 - "$@" <<'PYTHON' || fail "a terminal would obey this"
import sys, unicodedata
for path in sys.argv[1:]:
    text = open(path, "rb").read().decode("utf-8")
    bad = [c for c in text if c != "\n" and (unicodedata.category(c) == "Cc" or c in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")]
    if bad: sys.exit(f"{path}: {bad[:5]!r}")
PYTHON
}

# said CODE COMMAND...: as expect_exit, and what it prints is clean.
said() {
  expect_exit "$@"
  clean out err
}

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

# A stored set with a line feed in a class.
if [ -n "${MUDRA_SHARED:-}" ] && [ -e "$MUDRA_SHARED/data/faults/newline_class_name.npz" ]; then
  for words in "data info" "data split --out s" "train --out run --data" "evaluate $MUDRA_SOURCE/tests/cli/data/named.pth --data"; do
    # shellcheck disable=SC2086
    said 1 "$MUDRA" $words "$MUDRA_SHARED/data/faults/newline_class_name.npz"
    expect_one_line "control characters"
  done
fi
