#!/usr/bin/env python3
"""Writes the small models and the picture of the command line's tests with PyTorch and Pillow. Run it in this
folder.

assumed.pth: eight outputs, no names. named.pth: three outputs with the record mudra.json that mudra adds;
misnamed.pth and unreadable.pth: the same with a record that does not fit, and one that is no JSON."""
import json
import pathlib
import shutil
import zipfile

import torch
from PIL import Image, ImageDraw
from torch import nn


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(8, 16, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU6(),
            nn.Conv2d(16, 16, 3, 1, 1, groups=16, bias=False), nn.BatchNorm2d(16), nn.ReLU6(),
            nn.Conv2d(16, 8, 1, bias=False), nn.BatchNorm2d(8))


class SmallNet(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(1, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU6())
        self.layers = nn.Sequential(Block())
        self.classifier = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, classes))


def save_with_record(path, record):
    shutil.copy("three.pth", path)
    with zipfile.ZipFile(path, "a") as archive:
        folder = archive.namelist()[0].split("/")[0]
        archive.writestr(zipfile.ZipInfo(folder + "/mudra.json"), record)


torch.manual_seed(1)
torch.save(SmallNet(8).state_dict(), "assumed.pth")
torch.save(SmallNet(3).state_dict(), "three.pth")
record = {"mudra": "0.1.0", "classes": ["palm", "fist", "ok"], "activation": "relu", "strides": [1],
          "pixels": "gray, 96x96, value / 255"}
save_with_record("named.pth", json.dumps(record))
save_with_record("misnamed.pth", json.dumps({**record, "classes": ["palm", "fist"]}))
save_with_record("unreadable.pth", "{")
pathlib.Path("three.pth").unlink()

picture = Image.new("L", (200, 120), 10)
ImageDraw.Draw(picture).ellipse((60, 20, 130, 110), fill=200)
picture.save("hand.png")
