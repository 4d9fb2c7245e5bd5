#!/usr/bin/env python3
"""pad_model.py MODEL PARTITION_BYTES IMAGE: the model with 0xFF behind it up to the end of the partition `model`.

What is flashed so leaves nothing of a model that was sent to the board before.
"""
import sys


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    path, partition_bytes, image = sys.argv[1], int(sys.argv[2], 0), sys.argv[3]
    try:
        with open(path, "rb") as file:
            model = file.read()
        if len(model) > partition_bytes:
            sys.exit(f"{path}: {len(model)} bytes do not fit the partition 'model' of {partition_bytes}")
        with open(image, "wb") as file:
            file.write(model.ljust(partition_bytes, b"\xff"))
    except OSError as error:
        sys.exit(f"{error.filename}: {error.strerror}")


main()
