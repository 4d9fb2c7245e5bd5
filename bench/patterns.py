"""patterns.py FOLDER: pictures of nothing as PNG: plain, noise, gradients, checkerboards."""
import os, random, struct, sys, zlib

SIDE = 96
folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)


def write(name, level_at):
    clamp = lambda level: max(0, min(255, int(level)))
    rows = b"".join(b"\0" + bytes(clamp(level_at(x, y)) for x in range(SIDE)) for y in range(SIDE))
    chunk = lambda kind, data: (struct.pack(">I", len(data)) + kind + data
                                + struct.pack(">I", zlib.crc32(kind + data)))
    with open(f"{folder}/{name}.png", "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0))
                   + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


for level in range(0, 256, 15):
    write(f"plain_{level}", lambda x, y: level)
for strength in (8, 16, 32, 64, 127):
    for seed in range(4):
        noise = random.Random(seed)
        write(f"noise_{strength}_{seed}", lambda x, y: 64 + 42 * seed + noise.uniform(-strength, strength))
for across in (-1, 0, 1):
    for down in (-1, 0, 1):
        if across or down:
            write(f"gradient_{across}_{down}",
                  lambda x, y: 128 + 127 * (across * (2 * x / SIDE - 1) + down * (2 * y / SIDE - 1)))
for cell in (2, 4, 8, 16, 24, 32):
    for dark, bright in ((0, 255), (64, 192), (100, 140)):
        write(f"checkerboard_{cell}_{dark}", lambda x, y: bright if (x // cell + y // cell) % 2 else dark)
