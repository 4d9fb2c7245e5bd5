#!/usr/bin/env python3
"""Prints the tables kOpencv and kOpencvShapes of image_test.cpp: for pictures of a linear congruential generator, the FNV-1a
fingerprint of what OpenCV's cvtColor and resize make of them. Needs OpenCV and NumPy (made with 4.6.0)."""
import cv2
import numpy as np

SIZES = [(1, 1), (2, 1), (1, 3), (5, 7), (96, 96), (96, 31), (192, 192), (192, 191), (95, 193), (240, 640),
         (640, 240), (355, 432), (1000, 2), (2100, 3), (3, 4097), (8200, 2), (16384, 1)]

# Of the source; of the result.
SHAPES = [(640, 480, 128, 128), (240, 240, 224, 224), (128, 96, 64, 48), (127, 96, 64, 48), (64, 48, 64, 48),
          (31, 17, 512, 509), (509, 511, 8, 500), (4097, 3, 333, 8), (9000, 2, 510, 9), (3, 16384, 8, 511),
          (2049, 5, 512, 10), (1, 1, 100, 8)]


def picture(width, height, channels):
    state, values = 1, np.empty(width * height * channels, np.uint8)
    for i in range(values.size):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        values[i] = state >> 24
    return values.reshape(height, width, channels)


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value


print(f"// OpenCV {cv2.__version__}")
for width, height in SIZES:
    gray = picture(width, height, 1)[:, :, 0]
    color = cv2.cvtColor(picture(width, height, 3), cv2.COLOR_RGB2GRAY)
    hashes = [fnv1a(cv2.resize(image, (96, 96)).tobytes()) for image in (gray, color)]
    print("    {%d, %d, 0x%016xull, 0x%016xull}," % (width, height, *hashes))
print("// and")
for width, height, *out in SHAPES:
    images = (picture(width, height, 1)[:, :, 0], picture(width, height, 3))
    hashes = [fnv1a(cv2.resize(image, out).tobytes()) for image in images]
    print("    {%d, %d, %d, %d, 0x%016xull, 0x%016xull}," % (width, height, *out, *hashes))
