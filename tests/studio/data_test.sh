# The pane Data of `mudra studio FOLDER` in Chromium: pictures relabelled, thrown away and brought back, by keyboard; thousands of
# them, of which few are elements or loaded; two pages at once; copies; folders imported.
source "$MUDRA_SOURCE/tests/studio/page_steps.sh"
need_page

"$MUDRA" data synth --out hands --people 1 --per-class 5 --light visible 2>/dev/null
mkdir -p my-hands/pictures/ana-1
cp -r hands/s000/{palm,fist,none} my-hands/pictures/ana-1
"$MUDRA" studio my-hands --no-open >link 2>log &
studio=$!
trap 'kill -9 $studio 2>/dev/null || true' EXIT
until [ -s link ]; do kill -0 $studio || fail "the studio does not start"; sleep 0.05; done
# A folder to import: a sitting with a twin, another name of none, what is no picture, no name, or in no folder.
mkdir -p import/set/eva-7/{palm,Unknown,'a b'}
cp hands/s000/l/0000.png import/set/eva-7/palm/a.png
cp hands/s000/l/0000.png import/set/eva-7/palm/b.png
cp hands/s000/l/0001.png import/set/eva-7/palm/c.png
cp hands/s000/l/0002.png import/set/eva-7/Unknown/d.png
cp hands/s000/l/0003.png "import/set/eva-7/a b/e.png"
echo hello >import/set/eva-7/palm/f.png
head -c 600 hands/s000/l/0004.png >import/set/eva-7/palm/g.png
echo notes >import/set/eva-7/notes.txt
cp hands/s000/l/0004.png import/set/h.png
expect_exit 0 node "$MUDRA_SOURCE/tests/studio/data.mjs" "$(cat link)" my-hands
cat out
kill -INT $studio
wait $studio || fail "Ctrl-C is no error"
expect_exit 0 "$MUDRA" data info my-hands/pictures
