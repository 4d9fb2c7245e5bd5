# The page that `mudra studio --export` writes, in Chromium and from a plain file server: camera, files, keyboard, faults.
source "$MUDRA_SOURCE/tests/studio/page_steps.sh"
need_page

"$MUDRA_GESTURE_MODEL" gray.espdl
"$MUDRA" data synth --out hands --people 1 --per-class 1 --light visible 2>/dev/null
mapfile -t pictures < <(find hands -name '*.png' | sort)
expect_exit 0 "$MUDRA" predict gray.espdl "${pictures[@]}" --json
mv out predictions.json
echo "<h1>how good it is</h1>" >report.html
expect_exit 0 "$MUDRA" studio gray.espdl --export site
expect_text out "python3 -m http.server --bind 127.0.0.1 --directory site 8000"
expect_exit 0 node "$MUDRA_SOURCE/tests/studio/live.mjs" site predictions.json
cat out

# What cannot be written.
expect_exit 1 "$MUDRA" studio gray.espdl --export site
expect_one_line "site"
expect_exit 1 "$MUDRA" studio missing.espdl --export other
expect_one_line "missing.espdl"
head -c 3000 gray.espdl >cut.espdl
expect_exit 1 "$MUDRA" studio cut.espdl --export other
expect_one_line "cut.espdl"
[ ! -e other ] || fail "a folder was left behind"
