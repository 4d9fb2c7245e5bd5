# The device sources on an emulated Xtensa give the integers they give on the PC: two published models on three
# frames each, five random models, and the preparation of a picture.
here=$MUDRA_SOURCE/tests/xtensa
programs=$(dirname "$MUDRA")/../../tests/xtensa
bash "$here/build.sh" xtensa >log 2>&1 || { [ $? != 77 ] || skip "$(cat log)"; cat log; fail "does not build"; }

# compare MODEL FRAME...
compare() {
  "$programs/scores" "$@" >pc || fail "$1 on the PC: $(tail -n 1 pc)"
  bash "$here/run.sh" xtensa "$@" >emulated || fail "$1 on the Xtensa: $(tail -n 1 emulated)"
  cmp pc emulated || fail "$1: the Xtensa answers otherwise"
  [ "$(grep -c '^scores ' pc)" = $(($# - 1)) ] || fail "$1: not one line of scores per frame"
}

for seed in 3 8 12 18 24; do
  "$programs/random_model" $seed model.espdl frame1 frame2
  compare model.espdl frame1 frame2
done

published=${MUDRA_SHARED:-}/data/published
[ -d "$published" ] || { echo "without MUDRA_SHARED only random models were compared"; exit 0; }
for picture in int8__frame_00_01_0009 int8__frame_00_07_0084 int8__test_image; do
  head -c 9216 "$published/activations/gesture_model_$picture.bin" >"$picture"
done
compare "$published/models/gesture_model_int8.espdl" int8__*
# The model with a 16-bit picture: its recorded one, and two more.
head -c 18432 "$published/activations/gesture_model_mixed__frame_00_07_0084.bin" >mixed1
head -c 18432 "$published/activations/gesture_model_balanced__frame_00_07_0084.bin" >mixed2
tail -c 18432 "$published/activations/gesture_model_balanced__frame_00_07_0084.bin" >mixed3
compare "$published/models/gesture_model_mixed.espdl" mixed1 mixed2 mixed3
