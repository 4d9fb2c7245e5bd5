# 29 ways to save a network with PyTorch: those that hold its weights give its answers, the others one line.
need_shared
need_torch
data=$MUDRA_SOURCE/tests/cli/data
"$TORCH_PYTHON" "$MUDRA_SHARED/data/faults/networks-and-pictures/make_pth_variants.py" "$data/assumed.pth" >made ||
  fail "the variants could not be made"
"$MUDRA" predict "$data/assumed.pth" "$data/hand.png" --json 2>/dev/null | sed 's/"image": .*//' >expected

for name in plain dataparallel compiled checkpoint checkpoint_npscalar wrapped_model wrapped_net double channels_last \
  shared_storage_views transposed_fc parameters cuda torch2x deflated; do
  expect_exit 0 "$MUDRA" predict "$name.pth" "$data/hand.png" --json
  sed -i 's/"image": .*//' out
  cmp out expected || fail "$name.pth answers otherwise"
done
for name in half bf16; do expect_exit 0 "$MUDRA" predict "$name.pth" "$data/hand.png"; done # of fewer digits
for name in legacy missing_key no_num_batches extra_key whole_model bigendian list tensor empty plain_pickle evil; do
  expect_exit 1 "$MUDRA" predict "$name.pth" "$data/hand.png"
  expect_one_line "$name.pth: "
done
[ ! -e PWNED ] || fail "a pickle was run"
