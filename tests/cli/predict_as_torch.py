"""predict_as_torch.py MUDRA MODEL: PyTorch loads MODEL strictly into the article's class, and `mudra predict`
gives the same logits, up to a constant per image, within 1e-4."""
import json
import pathlib
import struct
import subprocess
import sys
import zlib

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))
from training_torch import LightGestureNet


def write_png(path, gray):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width = gray.shape
    rows = b"".join(b"\0" + row.tobytes() for row in gray)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) +
                   chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def pictures():
    """Noise, a slope, a bright disc and black: 96x96, as the network sees them."""
    y, x = np.mgrid[0:96, 0:96]
    disc = np.where((x - 40) ** 2 + (y - 50) ** 2 < 900, 220, 12)
    noise = np.random.default_rng(1).integers(0, 256, (96, 96))
    return [image.astype(np.uint8) for image in (noise, x + y, disc, np.zeros((96, 96)))]


mudra, model = sys.argv[1:]
net = LightGestureNet()
net.load_state_dict(torch.load(model, map_location="cpu", weights_only=True), strict=True)
net.eval()

images = pictures()
paths = [f"picture{i}.png" for i in range(len(images))]
for path, image in zip(paths, images):
    write_png(path, image)
result = subprocess.run([mudra, "predict", model, *paths, "--json"], check=True, stdout=subprocess.PIPE)
predictions = json.loads(result.stdout)
assert [p["image"] for p in predictions] == paths

with torch.no_grad():
    logits = net(torch.from_numpy(np.stack(images)).unsqueeze(1).float() / 255).double().numpy()
ours = np.log([list(p["scores"].values()) for p in predictions])
difference = np.abs((ours - ours[:, :1]) - (logits - logits[:, :1])).max()
print("largest difference of a logit:", difference)
assert difference < 1e-4, difference
for prediction, row in zip(predictions, logits):
    assert prediction["class"] == list(prediction["scores"])[row.argmax()]
