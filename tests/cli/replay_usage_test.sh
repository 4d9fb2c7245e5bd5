# Wrong usage exits 2; input that is wrong is named in one line.
mkdir models images
wrong() {
  expect_exit 2 "$MUDRA" replay "$@"
  expect_text err "Usage: mudra replay"
}
wrong
wrong runs.json --models nowhere --images images
expect_exit 0 "$MUDRA" replay --help
expect_text out "Example:"

refused() {  # refused JSON TEXT
  echo "$1" >runs.json
  expect_exit 1 "$MUDRA" replay runs.json --models models --images images
  expect_one_line "mudra: replay: $2"
}
refused '' "runs.json: is not a list of recorded runs"
refused '{"runs": []}' "runs.json: it holds no runs"
refused '{"runs": [{"image": null}]}' "runs.json: is not a list of recorded runs"
for name in .. . "" ../a /a/b a/b 'a\u001b[31m'; do  # what it names lies in the folders, or nowhere
  refused '{"runs": [{"image": "'"$name"'", "model": "b.espdl", "pct": [100]}]}' "runs.json: image '"
  expect_text err "cannot name a file"
  refused '{"runs": [{"image": "a.png", "model": "'"$name"'", "pct": [100]}]}' "runs.json: model '"
done
refused '{"runs": [{"image": "a.png", "model": "b.espdl", "pct": [100]}]}' "models/b.espdl: No such file"
echo EDL9 >models/b.espdl
refused '{"runs": [{"image": "a.png", "model": "b.espdl", "pct": [100]}]}' "models/b.espdl: is not an .espdl"
rm models/b.espdl
refused '{"runs": [{"image": null, "model": "b.espdl", "pct": [100]}]}' "runs.json: of no run the image and the model are known"
mkdir recorded
cp runs.json recorded
expect_exit 1 "$MUDRA" replay recorded/runs.json
expect_one_line "mudra: replay: recorded/models: No such folder"
expect_exit 1 "$MUDRA" replay missing.json --models models --images images
expect_one_line "mudra: replay: missing.json: No such file"
