#!/usr/bin/env python3
"""Writes pytorch_pooling.bin: what PyTorch makes of one batch of a network with pools, branches that are concatenated,
and two fully connected layers. As make_golden.py, whose formulas it takes: logits, loss, grad/PARAMETER, losses (of ten
Adam steps at learning rate 0.001, each before its step), running/NAME after them. SEED is the one of the first hundred
whose ReLU inputs keep the largest distance from 0 (make_pooling_golden.py --search)."""
import copy
import struct
import sys

import make_golden as golden
import torch
from torch import nn

BATCH, HEIGHT, WIDTH, CLASSES, STEPS = 3, 20, 17, 5, 10
SEED = 14


class Pooling(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(1, 8, 5, padding=2)
        self.a = nn.Sequential(nn.Conv2d(8, 6, 1, bias=False), nn.BatchNorm2d(6))
        self.b = nn.Conv2d(8, 12, 3, padding=1)
        self.hidden = nn.Linear(26 * 3 * 3, 24)
        self.scores = nn.Linear(24, CLASSES)

    def forward(self, x):
        relu = nn.functional.relu
        x = nn.functional.max_pool2d(relu(self.first(x)), 3, 2, 1)
        branches = [relu(self.a(x)), relu(self.b(x)), nn.functional.max_pool2d(x, 3, 1, 1)]
        x = nn.functional.avg_pool2d(torch.cat(branches, 1), 3, 2, 1, count_include_pad=False)
        x = nn.functional.avg_pool2d(x, 2, 2, 1, count_include_pad=True)
        return self.scores(relu(self.hidden(x.flatten(1))))


def make_images():
    return torch.tensor([[[[((x * (b + 1) + y * 2) % 20 * 9 + golden.hashed(1000 + b, y * WIDTH + x) % 64) / 255.0
                            for x in range(WIDTH)] for y in range(HEIGHT)]] for b in range(BATCH)],
                        dtype=torch.float64)


def margin():
    model = Pooling()
    golden.set_weights(model)
    distances, relu = [], nn.functional.relu

    def measuring(x):
        distances.append(x.abs().min().item())
        return relu(x)

    nn.functional.relu = measuring
    with torch.no_grad():
        model.double()(make_images())
    nn.functional.relu = relu
    return min(distances)


def main():
    if sys.argv[1:] == ["--search"]:
        for golden.SEED in range(100):
            print(golden.SEED, f"{margin():.2e}")
        return
    golden.SEED = SEED
    torch.set_num_threads(1)
    model = Pooling()
    golden.set_weights(model)
    images, labels = make_images().float(), torch.tensor([b * 2 % CLASSES for b in range(BATCH)])
    probe = copy.deepcopy(model)
    logits, loss = golden.gradients(probe, images, labels)
    with open(golden.here / "pytorch_pooling.bin", "wb") as out:
        def record(name, values):
            values = values.detach().flatten().tolist()
            out.write(f"{name} {len(values)}\n".encode() + struct.pack(f"<{len(values)}f", *values))

        record("logits", logits)
        record("loss", loss)
        for name, parameter in probe.named_parameters():
            record(f"grad/{name}", parameter.grad)
        record("losses", torch.tensor(golden.train(model, images, labels)))
        for name, values in model.named_buffers():
            if "running" in name:
                record(f"running/{name}", values)


if __name__ == "__main__":
    main()
