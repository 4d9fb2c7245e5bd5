# The whole story, small: the same bytes twice although the first run is interrupted, and a page that a browser
# shows. It trains two networks and quantizes four times, so it takes its time.
small="--hands 800 --epochs 1 --seed 3"

# Interrupted once there is a first artefact to keep, then gone on with.
"$MUDRA" reproduce --out first $small >out 2>err &
process=$!
for _ in $(seq 3000); do
  [ ! -e first/seen.npz ] || break
  kill -0 $process 2>/dev/null || break
  sleep 0.1
done
kill -TERM $process
code=0
wait $process || code=$?
[ $code = 1 ] || fail "exit $code when interrupted"
[ ! -e first/report.html ] || fail "it was not interrupted"
expect_exit 0 "$MUDRA" reproduce --out first $small
expect_text err "is there"
expect_text out "What next:"
expect_exit 0 "$MUDRA" reproduce --out second $small --json

# All is equal but when it was done and what was timed.
for run in first second; do
  sed '/<!-- timed -->/,/<!-- end of timed -->/d' $run/report.html >$run.html
  rm "$run/timestamps.json"
  mv "$run/report.html" "$run.page.html"
done
diff -r first second || fail "two runs with one seed differ"
cmp first.html second.html || fail "the pages differ in more than times"

# Every file is recorded with seed, inputs and version, and its hash is what sha256sum says.
/usr/bin/python3 - <<'PYTHON' || fail "the record is not complete"
import hashlib, json, os
record = json.load(open("first/artefacts.json"))
assert record["seed"] == 3 and len(record["artefacts"]) > 12
for artefact in record["artefacts"]:
    assert artefact["seed"] == 3 and artefact["mudra"] and artefact["command"].startswith("mudra ")
    path = "first/" + artefact["path"]
    if os.path.isfile(path):
        assert hashlib.sha256(open(path, "rb").read()).hexdigest() == artefact["sha256"], path
PYTHON

# What the page says of its people follows from the data.
expect_text first.page.html "rendered people not seen"
! grep -q "float, people" first.page.html || fail "rendered people are called people"

# Pictures of one's own, frames split at random, learned so little that files the chip does not need may fail:
# the same page wherever the folder lies, which does not say that people were not seen.
for place in here elsewhere/deep; do
  mkdir -p $place
  "$MUDRA" data synth --out $place/pictures --people 6 --per-class 2 --seed 5 2>/dev/null >&2
  (cd $place && expect_exit 0 "$MUDRA" reproduce --out run --data pictures --split random --hands 8 --epochs 1 --seed 6)
  sed '/<!-- timed -->/,/<!-- end of timed -->/d' $place/run/report.html >$place/page.html
done
cmp here/page.html elsewhere/deep/page.html || fail "the page depends on where its folder is"
! grep -F "$PWD" here/run/report.html || fail "the page has a path of this computer"
[ ! -e here/run/exported/model_int8.tflite ] || fail "the int8 .tflite is good: take a run in which it is left out"
expect_text here/page.html "model_int8.tflite (TFLite int8), which the chip does not need, was left out"
expect_text here/page.html "less than 90 %; it was not kept"
expect_text here/page.html "random frames of people"
expect_text here/page.html "mudra data split pictures --out . --split random"
! grep -E "not seen|no training has seen|kept apart|random_split" here/page.html || fail "the page says what is not so"

# What the page says can be typed in that folder makes the same files; the slowest of them is left out.
mkdir typed
cp -r here/pictures typed/
sed -n 's/.*>mudra /mudra /; s/&gt;/>/g; /^mudra [a-z].* --/p' here/run/report.html | grep -v -e "--recipe best" -e "best.espdl" >typed.sh
[ "$(grep -c ^mudra typed.sh)" = 9 ] || { cat typed.sh >&2; fail "the page does not show 9 other commands"; }
(cd typed && PATH=$(dirname "$MUDRA"):$PATH bash -e ../typed.sh >../typed.log 2>&1) ||
  { tail -3 typed.log >&2; fail "a command of the page fails"; }
diff -r typed here/run >different || true
! grep -vE '^Only in here/run: (artefacts|timestamps|best|report|firmware)|^Only in typed: pictures$' different ||
  fail "what the page says to type makes other files"

# Another seed does not mix with what is there.
expect_exit 1 "$MUDRA" reproduce --out first --hands 800 --epochs 1 --seed 4
expect_text err "made with another seed, 3; choose another --out"
expect_exit 1 "$MUDRA" reproduce --out third --data missing
expect_text err "missing"
mkdir -p mine/hands
touch mine/hands/picture.png
expect_exit 1 "$MUDRA" reproduce --out mine
expect_one_line "mine: it is not empty and holds no reproduction"
[ -e mine/hands/picture.png ] || fail "a picture of the user's was removed"

bash "$MUDRA_SOURCE/tests/cli/check_page.sh" first.page.html || fail "the page is not as it should be"
if command -v chromium >/dev/null; then  # the check itself must be able to fail
  sed 's|image/png;base64,|&AAAA|' first.page.html >broken.html
  ! bash "$MUDRA_SOURCE/tests/cli/check_page.sh" broken.html 2>/dev/null || fail "broken pictures were not noticed"
fi

# What the README shows can be typed after the demo, a board on the USB port.
source "$MUDRA_SOURCE/tests/cli/board_steps.sh"
start_on usb
mkdir run && mv first run/demo
sed -n '/^## What it does today/,/^Every command/s/^    //p' "$MUDRA_SOURCE/README.md" |
  sed "s|\$PWD/build/release/mudra/cli|$(dirname "$MUDRA")|; s/synthetic:8000/synthetic:4000/; s|/dev/ttyACM0|$PWD/tty|" >readme.sh
[ "$(grep -c '^mudra ' readme.sh)" -gt 9 ] || fail "the README's commands were not found"
bash -e readme.sh >out 2>err || { cat readme.sh out err >&2; fail "a command of the README fails"; }
