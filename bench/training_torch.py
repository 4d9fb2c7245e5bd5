#!/usr/bin/env python3
"""PyTorch's side of the training benchmark: LightGestureNet, forward + backward + Adam step on one batch.

Prints images per CPU-second of the whole process (all threads together). See training.sh."""
import argparse
import time

import torch
from torch import nn


class InvertedResidual(nn.Module):
    def __init__(self, in_c, out_c, stride, expand_ratio):
        super().__init__()
        hidden = in_c * expand_ratio
        self.use_res = stride == 1 and in_c == out_c
        self.conv = nn.Sequential(
            nn.Conv2d(in_c, hidden, 1, bias=False), nn.BatchNorm2d(hidden), nn.ReLU6(inplace=True),
            nn.Conv2d(hidden, hidden, 3, stride, 1, groups=hidden, bias=False), nn.BatchNorm2d(hidden),
            nn.ReLU6(inplace=True),
            nn.Conv2d(hidden, out_c, 1, bias=False), nn.BatchNorm2d(out_c))

    def forward(self, x):
        return x + self.conv(x) if self.use_res else self.conv(x)


class LightGestureNet(nn.Module):
    def __init__(self, num_classes=8):
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(1, 16, 3, 2, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU6(inplace=True))
        self.layers = nn.Sequential(InvertedResidual(16, 24, 2, 6), InvertedResidual(24, 24, 1, 6),
                                    InvertedResidual(24, 32, 2, 6), InvertedResidual(32, 32, 1, 6))
        self.classifier = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, num_classes))

    def forward(self, x):
        return self.classifier(self.layers(self.first(x)))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--channels-last", action="store_true")
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    model = LightGestureNet()
    images = torch.rand(options.batch, 1, 96, 96)
    labels = torch.randint(0, 8, (options.batch,))
    if options.channels_last:
        model = model.to(memory_format=torch.channels_last)
        images = images.to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.CrossEntropyLoss()

    def step():
        optimizer.zero_grad(set_to_none=True)
        criterion(model(images), labels).backward()
        optimizer.step()

    for _ in range(3):
        step()
    steps, cpu, wall = 0, time.process_time(), time.perf_counter()
    while time.perf_counter() - wall < options.seconds:
        step()
        steps += 1
    print(f"{steps * options.batch / (time.process_time() - cpu):.1f}")


if __name__ == "__main__":
    main()
