# The published models give the same logits here as in PyTorch.
need_torch
need_shared
for model in best_model.pth gesture_model.pth; do
  "$TORCH_PYTHON" "$MUDRA_SOURCE/tests/cli/predict_as_torch.py" "$MUDRA" \
    "$MUDRA_SHARED/data/published/models/$model" || fail "$model differs"
done
