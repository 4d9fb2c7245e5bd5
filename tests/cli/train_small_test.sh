# Few pictures and default options: the network learns them, and one line says what came of it.
"$MUDRA" data synth --out hands --people 1 --per-class 40 --seed 1 >/dev/null 2>&1
for class in fist palm l; do
  mkdir -p "own/$class"
  cp hands/s000/$class/*.png "own/$class"
done
for seed in 1 2; do
  expect_exit 0 "$MUDRA" train --data own --split random --seed $seed --json --out "run$seed"
  accuracy=$(sed -n 's/^ *"validation_accuracy": \([0-9.]*\),*$/\1/p' out | head -n 1)
  awk "BEGIN { exit !($accuracy >= 0.9) }" || fail "seed $seed: validation accuracy $accuracy"
  [ "$(grep -c '^accuracies: ' err)" = 1 ] || fail "not one line on the accuracies"
  ! grep -q '^epoch.*below' err || fail "epochs are judged one by one"
done

# A resumed training of few pictures is the same.
cp -r run1 resumed
rm resumed/model.pth
expect_exit 0 "$MUDRA" train --out resumed --resume
cmp run1/model.pth resumed/model.pth || fail "resumed, the weights differ"
