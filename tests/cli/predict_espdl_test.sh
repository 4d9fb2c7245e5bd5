# predict and evaluate judge with the chip's arithmetic, the same for any number of threads.
need_shared
published=$MUDRA_SHARED/data/published
model=$published/models/gesture_model_int8.espdl

expect_exit 0 "$MUDRA" predict "$model" "$published"/images/frame_*.png --json
expect_text err "does not name its classes; taken to be palm, l, fist, thumb, index, ok, c, down"
/usr/bin/python3 - <<'END' || fail "the JSON document is another"
import json, math
predictions = json.load(open("out"))
assert len(predictions) == 10
for prediction in predictions:
    assert prediction["exponent"] == -2 and len(prediction["integer"]) == 8
    weights = [math.exp(integer * 0.25) for integer in prediction["integer"]]
    for weight, score in zip(weights, prediction["scores"].values()):
        assert abs(weight / sum(weights) - score) < 1e-6
END

for threads in 1 3; do
  expect_exit 0 "$MUDRA" evaluate "$model" --data synthetic:80 --json --threads $threads
  mv out judged.$threads
done
/usr/bin/python3 - <<'END' || fail "the number of threads changes the result"
import json
one, three = (json.load(open("judged.%d" % threads)) for threads in (1, 3))
assert one["confusion"] == three["confusion"] and one["accuracy"] == three["accuracy"] and one["bytes"] == 68804
END

cp "$model" cut.espdl
truncate -s 5000 cut.espdl
expect_exit 1 "$MUDRA" predict cut.espdl hand.png
expect_one_line "mudra: predict: cut.espdl: is cut off: it announces 68792 bytes and has 4988"
