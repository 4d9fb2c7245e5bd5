# What the behaviour scripts say: a step fails the script at once, naming what was expected.

fail() { echo "FAILED: $*" >&2; exit 1; }
skip() { echo "SKIPPED: $*"; exit 77; }

# expect_exit CODE COMMAND...: runs it; stdout in ./out, stderr in ./err.
expect_exit() {
  local want=$1 got=0
  shift
  "$@" >out 2>err || got=$?
  [ "$got" = "$want" ] || { cat out err >&2; fail "exit $got instead of $want: $*"; }
}

# expect_one_line TEXT: the last command said exactly one line on stderr, containing TEXT, beginning "mudra: ".
expect_one_line() {
  [ "$(wc -l <err)" = 1 ] || { cat err >&2; fail "more or less than one line on stderr"; }
  grep -q '^mudra: ' err || { cat err >&2; fail "the message does not begin with 'mudra: '"; }
  grep -qF -- "$1" err || { cat err >&2; fail "the message does not say '$1'"; }
}

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

# said CODE COMMAND...: as expect_exit, and a terminal obeys nothing of what it prints.
said() {
  expect_exit "$@"
  clean out err
}

# expect_text FILE TEXT
expect_text() { grep -qF -- "$2" "$1" || { cat "$1" >&2; fail "'$2' is not in $1"; }; }

# render_parts FOLDER VALID: 64 rendered pictures as the parts train (32), VALID and test (16 each) in FOLDER, of the four
# people in ./hands.
render_parts() {
  local gesture
  "$MUDRA" data synth --out hands --per-class 2 --people 4 --without-none 2>/dev/null
  mkdir "$1"
  cp -r hands/s000 "$1/train"
  for gesture in "$1"/train/*; do
    cp "hands/s001/${gesture##*/}/0000.png" "$gesture/other0.png"
    cp "hands/s001/${gesture##*/}/0001.png" "$gesture/other1.png"
  done
  cp -r hands/s002 "$1/$2"
  cp -r hands/s003 "$1/test"
}

# need_shared: skips where the reference data is not at hand.
need_shared() { [ -n "${MUDRA_SHARED:-}" ] || skip "MUDRA_SHARED is not set"; }

# need_torch: a Python that has PyTorch, in $TORCH_PYTHON.
need_torch() {
  TORCH_PYTHON=/usr/bin/python3
  "$TORCH_PYTHON" -c 'import torch' 2>/dev/null || skip "python3-torch is not installed"
}

# need_numpy: a Python that has NumPy, in $NUMPY_PYTHON.
need_numpy() {
  NUMPY_PYTHON=/usr/bin/python3
  "$NUMPY_PYTHON" -c 'import numpy' 2>/dev/null || skip "python3-numpy is not installed"
}
