#!/usr/bin/env python3
"""Writes pytorch_batch.bin: what PyTorch makes of one batch of LightGestureNet.

Images and weights come from integer formulas that pytorch_test.cpp repeats, so only results are stored. Made with
Debian 12's python3-torch 1.13: /usr/bin/python3 make_golden.py

The file is a list of records, each a line "NAME COUNT" and COUNT little-endian float32 values:
logits, loss, grad/PARAMETER (all values), losses (of ten Adam steps at learning rate 0.001 on the same batch, each
before its step), final/PARAMETER (every eighth value after the ten steps), running/NAME after them (all).
An activation input within rounding of 0 or 6 has its gradient let through by one program and not by another, so SEED is
the one of the first hundred whose inputs keep the largest distance (make_golden.py --search).
Prints how far PyTorch's own float32 results are from its float64 ones: gradients as a share of each array's largest,
losses of the ten steps relatively, final weights on average and at most."""
import copy
import pathlib
import struct
import sys

import torch
from torch import nn

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(here.parents[2] / "bench"))
from training_torch import LightGestureNet  # noqa: E402

BATCH, SIDE, CLASSES, STEPS = 4, 96, 8, 10
SEED = 35
# Shifts that the next normalisation takes away again: their gradient is rounding noise.
WITHOUT_EFFECT = ("layers.0.conv.7.bias", "layers.1.conv.7.bias")


def hashed(array, index):
    """32 bits for value `index` of array number `array`."""
    h = ((index + 1) * 2654435761 + (array + 1 + 10000 * SEED) * 2246822519) & 0xFFFFFFFF
    h = ((h ^ (h >> 15)) * 2246822519) & 0xFFFFFFFF
    h = ((h ^ (h >> 13)) * 3266489917) & 0xFFFFFFFF
    return h ^ (h >> 16)


def unit(array, index):
    """In [-1, 1)."""
    return (hashed(array, index) >> 8) / 8388608.0 - 1.0


def pixel(b, y, x):
    return ((x * (b + 1) + y * 2) % 96 * 2 + hashed(1000 + b, y * SIDE + x) % 64) / 255.0


def set_weights(model):
    for array, (name, parameter) in enumerate(model.named_parameters()):
        if parameter.dim() == 4:  # uniform with He's deviation by fan-out
            half_width = (6.0 / (parameter.shape[0] * parameter.shape[2] * parameter.shape[3])) ** 0.5
            values = [half_width * unit(array, i) for i in range(parameter.numel())]
        elif parameter.dim() == 2:
            values = [0.5 * unit(array, i) for i in range(parameter.numel())]
        elif name.endswith(".weight"):  # BatchNorm's scale
            values = [1.0 + 0.5 * unit(array, i) for i in range(parameter.numel())]
        else:
            values = [0.5 * unit(array, i) for i in range(parameter.numel())]
        parameter.data = torch.tensor(values, dtype=torch.float64).float().reshape(parameter.shape)


def gradients(model, images, labels):
    model.zero_grad()
    logits = model(images)
    loss = nn.functional.cross_entropy(logits, labels)
    loss.backward()
    return logits, loss


def make_images():
    return torch.tensor([[[[pixel(b, y, x) for x in range(SIDE)] for y in range(SIDE)]] for b in range(BATCH)],
                        dtype=torch.float64)


def margin():
    """The smallest distance of any activation's input from 0 and 6."""
    model = LightGestureNet(CLASSES)
    set_weights(model)
    model.double()
    distances = []

    def measure(_, inputs):
        distances.append(torch.minimum(inputs[0].abs(), (inputs[0] - 6).abs()).min().item())

    for module in model.modules():
        if isinstance(module, nn.ReLU6):
            module.register_forward_pre_hook(measure)
    with torch.no_grad():
        model(make_images())
    return min(distances)


def search():
    global SEED
    for SEED in range(100):
        print(SEED, f"{margin():.2e}", flush=True)


def train(model, images, labels):
    """The losses of STEPS steps, each before its step."""
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    losses = []
    for _ in range(STEPS):
        _, loss = gradients(model, images, labels)
        losses.append(loss.item())
        optimizer.step()
    return losses


def main():
    if sys.argv[1:] == ["--search"]:
        return search()
    torch.set_num_threads(1)
    model = LightGestureNet(CLASSES)
    set_weights(model)
    images = make_images()
    labels = torch.tensor([b * 3 % CLASSES for b in range(BATCH)])

    exact, precise_probe = copy.deepcopy(model).double(), copy.deepcopy(model).double()
    gradients(precise_probe, images, labels)
    images = images.float()
    probe = copy.deepcopy(model)
    logits, loss = gradients(probe, images, labels)

    with open(here / "pytorch_batch.bin", "wb") as out:
        def record(name, values):
            values = values.detach().flatten().tolist()
            out.write(f"{name} {len(values)}\n".encode() + struct.pack(f"<{len(values)}f", *values))

        record("logits", logits)
        record("loss", loss)
        for (name, parameter), (_, precise) in zip(probe.named_parameters(), precise_probe.named_parameters()):
            record(f"grad/{name}", parameter.grad)
            error = (parameter.grad.double() - precise.grad).abs().max() / precise.grad.abs().max()
            print(f"{name:24} {error:.1e}")

        losses = train(model, images, labels)
        record("losses", torch.tensor(losses))
        for step, (loss, precise) in enumerate(zip(losses, train(exact, images.double(), labels))):
            print(f"loss {step} {abs(loss - precise) / precise:.1e}")
        differences = torch.cat([(a.double() - b).abs().flatten() for (name, a), b in
                                 zip(model.named_parameters(), exact.parameters()) if name not in WITHOUT_EFFECT])
        print(f"final weights {differences.mean():.1e} {differences.max():.1e}")
        for name, parameter in model.named_parameters():
            record(f"final/{name}", parameter.detach().flatten()[::8])
        for name, values in model.named_buffers():
            if "running" in name:
                record(f"running/{name}", values)


if __name__ == "__main__":
    main()
