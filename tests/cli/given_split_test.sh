# A split that the set states: from end to end in reproduce, and sets that state a part of one, or one that cannot be.
render_parts parts valid

# Put aside, both files still state it.
expect_exit 0 "$MUDRA" data split parts --out aside --json
expect_text out '"split": "as given: 32 train, 16 valid, 16 test"'
expect_exit 0 "$MUDRA" data info aside/seen.npz
expect_text out "split as given: 32 train, 16 valid, 0 test"
expect_exit 0 "$MUDRA" data info aside/unseen.npz
expect_text out "split as given: 0 train, 0 valid, 16 test"

# The whole story: trained on train, weights chosen by valid, calibrated on train, judged on test.
expect_exit 0 "$MUDRA" reproduce --out story --data parts --hands 16 --epochs 1
for words in "as given: 32 train, 16 valid, 16 test" ": 32 pictures and 18 fresh rendered hands an epoch" \
  "seen.npz: calibrates with its training part: 32 of 48 pictures"; do
  expect_text err "$words"
done
expect_text out "accuracy on 16 pictures of the set's own test part:"
page=story/report.html
for words in "float, the set's own test part<" "judged on 16 pictures of the set's own test part" \
  "mudra data split parts --out . --split given" "--data seen.npz unseen.npz" "for its makers to say"; do
  expect_text $page "$words"
done
! grep -E "not seen<|no training has seen|kept apart|at random|random_split|test folder" $page ||
  fail "the page says what is not so"
bash "$MUDRA_SOURCE/tests/cli/check_page.sh" $page || fail "the page of one epoch is not as it should be"
expect_exit 0 "$MUDRA" reproduce --out story --data parts --hands 16 --epochs 1
[ "$(grep -c ': is there$' err)" = "$(grep -c '^\[' err)" ] || fail "a step was done twice"
expect_exit 1 "$MUDRA" reproduce --out none --data hands --split given --hands 0
expect_text err "hands: states no split of its own"

# A part that is missing or empty, two names of one part, capital letters.
stating() {  # NAME FOLDER...: a set of these copies of people: train=s000
  local name=$1 part
  shift
  for part; do mkdir -p "$name" && cp -r "hands/${part#*=}" "$name/${part%=*}"; done
}
trains() {  # SET TEXT
  expect_exit 0 "$MUDRA" train --data "$1" --epochs 1 --out "run_$1"
  expect_text err "split: as given: $2"
}
stating no_valid train=s000 test=s001
trains no_valid "16 train, 0 valid, 16 test; validated on the last tenth of train"
stating empty_valid train=s000 test=s001
mkdir -p empty_valid/valid/palm
trains empty_valid "16 train, 0 valid, 16 test; validated on the last tenth of train"
expect_exit 0 "$MUDRA" data prepare empty_valid --out empty_valid.npz
expect_text out "empty folder: valid/palm"
cmp <("$MUDRA" data split no_valid --out a --json) <("$MUDRA" data split empty_valid --out a --json) ||
  fail "an empty folder changes the split"
stating no_test train=s000 valid=s001
trains no_test "16 train, 16 valid, 0 test; tested on valid; validated on the last tenth of train"
stating twice train=s000 val=s001 valid=s002 test=s003
trains twice "16 train, 32 valid, 16 test"
stating capitals TRAIN=s000 Validation=s001 Test=s002
trains capitals "16 train, 16 valid, 16 test"
stating only_train train=s000
expect_exit 1 "$MUDRA" train --data only_train --out x
expect_one_line "only_train: the subject of 16 pictures is not known, so people cannot be split; --split random"
stating only_test test=s000
expect_exit 1 "$MUDRA" train --data only_test --split given --out x
expect_one_line "only_test: its split (0 train, 0 valid, 16 test) leaves nothing to train on"

# Parts with other classes: what is tested or validated must be trained on; what is trained on need not be tested.
stating fewer train=s000 valid=s001 test=s002
rm -r fewer/test/palm fewer/valid/fist
trains fewer "16 train, 14 valid, 14 test"
expect_exit 0 "$MUDRA" evaluate run_fewer --data fewer --split given
expect_text out "the 14 test images"
stating more train=s000 valid=s001 test=s002
rm -r more/train/palm
expect_exit 1 "$MUDRA" train --data more --out x
expect_one_line "more: its split tests class 'palm', of which it trains on no picture"
expect_exit 1 "$MUDRA" data split more --out x
expect_one_line "more: its split tests class 'palm', of which it trains on no picture"
expect_exit 0 "$MUDRA" data info more
expect_text err "more: its split tests class 'palm', of which it trains on no picture"
rm -r more/test/palm
expect_exit 1 "$MUDRA" train --data more --out x
expect_one_line "more: its split validates class 'palm', of which it trains on no picture"
stating single train=s000 test=s001
rm single/train/*/0001.png
expect_exit 1 "$MUDRA" train --data single --out x
expect_one_line "single: of no class are there two pictures to train on, so that none are left to validate on"
[ ! -e x ] || fail "a refused split left something behind"
