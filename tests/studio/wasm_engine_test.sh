# The engine in a browser gives the integers of `mudra predict`, and says what is wrong with a file that is no model.
[ -n "$MUDRA_WASM" ] || skip "there is no engine.wasm here: bash scripts/setup.sh wasm"
command -v node >/dev/null || skip "there is no node here: bash scripts/setup.sh npm"
here=$MUDRA_SOURCE/tests/studio

same_integers() {  # MODEL IMAGE...
  expect_exit 0 "$MUDRA" predict "$@" --json
  mv out predictions.json
  expect_exit 0 node "$here/same_integers.mjs" "$MUDRA_WASM" "$1" predictions.json
  echo "$(basename "$1"): $(cat out)"
}

"$MUDRA_GESTURE_MODEL" gray.espdl
"$MUDRA_GESTURE_MODEL" color.espdl color
"$MUDRA" data synth --out hands --people 2 --per-class 1 2>/dev/null
mapfile -t pictures < <(find hands -name '*.png' | sort)
same_integers gray.espdl "${pictures[@]}"
same_integers color.espdl "${pictures[@]}"

# Every kind of rounding and width that `quantize` chooses, of a network that has learnt nothing yet.
expect_exit 0 "$MUDRA" train --data synthetic:64 --epochs 1 --out run
for recipe in int8 "mixed --budget macs=50%" equalized best; do
  expect_exit 0 "$MUDRA" quantize run --data synthetic:64 --recipe $recipe --out "${recipe%% *}.espdl"
  same_integers "${recipe%% *}.espdl" "${pictures[@]}"
done

head -c 5000 best.espdl >cut.espdl
expect_exit 1 node "$here/same_integers.mjs" "$MUDRA_WASM" cut.espdl predictions.json
expect_text err "Error: file is shorter than its header says"

if [ -n "${MUDRA_SHARED:-}" ]; then
  for model in "$MUDRA_SHARED"/data/published/models/*.espdl; do
    same_integers "$model" "$MUDRA_SHARED"/data/published/images/*.png
  done
fi
