"""torch_logits.py MODEL IMAGES LOGITS: PyTorch loads MODEL into the article's network, every array in its place,
and judges IMAGES (float32 [N, 96, 96], raw); LOGITS becomes float32 [N, 8], raw."""
import pathlib
import sys

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))
from training_torch import LightGestureNet

model, images, logits = sys.argv[1:]
net = LightGestureNet()
net.load_state_dict(torch.load(model, weights_only=True), strict=True)
net.eval()
with torch.no_grad():
    pixels = torch.from_numpy(np.fromfile(images, np.float32).reshape(-1, 1, 96, 96))
    net(pixels).numpy().tofile(logits)
