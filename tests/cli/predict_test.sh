# Scores per class for pictures: readable, as JSON, and as a small picture.
data=$MUDRA_SOURCE/tests/cli/data
cp "$data"/{named.pth,assumed.pth,hand.png} .

expect_exit 0 "$MUDRA" predict named.pth hand.png
grep -qE '^hand\.png: (palm|fist|ok)$' out || fail "no answer"
[ "$(grep -cE '^  (palm|fist|ok) +[0-9]+\.[0-9]{2} %' out)" = 3 ] || fail "not a score per class"
[ ! -s err ] || fail "something was said on stderr"

expect_exit 0 "$MUDRA" predict assumed.pth hand.png
expect_text err "assumed.pth does not name its classes; taken to be palm, l, fist, thumb, index, ok, c, down"

# Not a terminal, so 16 lines of plain characters.
expect_exit 0 "$MUDRA" predict named.pth hand.png --picture
[ "$(wc -l <out)" = 20 ] || fail "not a picture of 16 lines and 4 lines of text"
head -n 16 out | grep -q '####' || fail "the bright disc is missing"
! grep -q $'\033' out || fail "colour on what is no terminal"

# A RUN folder is named by its folder, and gives the same answers.
mkdir run && cp named.pth run/model.pth
"$MUDRA" predict named.pth hand.png --json >file.json
expect_exit 0 "$MUDRA" predict run hand.png --json
cmp out file.json || fail "the RUN folder answers otherwise"

command -v python3 >/dev/null || skip "python3 is not installed"
expect_exit 0 "$MUDRA" predict assumed.pth hand.png hand.png --json
python3 - <<'PYTHON' || fail "the JSON is not as promised"
import json
predictions = json.load(open("out"))
assert len(predictions) == 2 and predictions[0] == predictions[1]
assert list(predictions[0]) == ["image", "class", "scores"]
scores = predictions[0]["scores"]
assert list(scores) == ["palm", "l", "fist", "thumb", "index", "ok", "c", "down"]
assert abs(sum(scores.values()) - 1) < 1e-9
assert scores[predictions[0]["class"]] == max(scores.values())
PYTHON
