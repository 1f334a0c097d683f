# SPDX-License-Identifier: MIT
"""Writes a small Fashion-MNIST, the first images of each part, so that tests can run whole programs on real data.

    python3 make_subset.py FOLDER [TRAIN_COUNT] [TEST_COUNT]
"""
import gzip
import os
import struct
import sys
from pathlib import Path

SOURCES = [Path(os.environ["ATTAR_DATA"])] if "ATTAR_DATA" in os.environ else []
SOURCES += [Path("/usr/share/datasets")]


def source():
    for folder in SOURCES:
        for candidate in (folder, folder / "fashion-mnist"):
            if (candidate / "train-images-idx3-ubyte.gz").exists():
                return candidate
    sys.exit(f"Fashion-MNIST is in none of {[str(s) for s in SOURCES]}; apt install dataset-fashion-mnist")


def shorten(name, count, folder):
    with gzip.open(source() / name) as file:
        dimensions = file.read(4)[3]
        sizes = struct.unpack(f">{dimensions}I", file.read(4 * dimensions))
        item = 1
        for size in sizes[1:]:
            item *= size
        content = file.read(count * item)
    header = bytes([0, 0, 8, dimensions]) + struct.pack(f">{dimensions}I", count, *sizes[1:])
    (folder / name).write_bytes(gzip.compress(header + content))


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    for part, count in (("train", int(sys.argv[2]) if len(sys.argv) > 2 else 640),
                        ("t10k", int(sys.argv[3]) if len(sys.argv) > 3 else 256)):
        shorten(f"{part}-images-idx3-ubyte.gz", count, target)
        shorten(f"{part}-labels-idx1-ubyte.gz", count, target)
