#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs a phone's program on Fashion-MNIST's test images and compares every bit of its logits with those expected.

compare.py <expected logits> <most images> <most bytes of the program> <program> <emulator and its arguments...>
"""

import gzip
import struct
import subprocess
import sys
from pathlib import Path

FOLDER = Path("/usr/share/datasets/fashion-mnist")
HEAD, PIXELS, CLASSES = 16, 28 * 28, 10


def main(expected_file: str, most: str, most_bytes: str, program: str, *emulator: str) -> int:
    size = Path(program).stat().st_size
    print(f"{program}: {size} bytes, at most {most_bytes}")
    if size > int(most_bytes):
        return 1

    images = gzip.decompress((FOLDER / "t10k-images-idx3-ubyte.gz").read_bytes())
    labels = gzip.decompress((FOLDER / "t10k-labels-idx1-ubyte.gz").read_bytes())[8:]
    count = min(int(most), len(labels))
    part = images[:4] + struct.pack(">I", count) + images[8 : HEAD + count * PIXELS]

    def run(given: bytes, *options: str) -> subprocess.CompletedProcess:
        return subprocess.run([*emulator, program, *options], input=given, capture_output=True, check=False)

    expected = Path(expected_file).read_bytes()
    done = run(part, "--logits")
    if done.returncode != 0 or len(expected) != len(labels) * CLASSES * 4:
        print(f"exit code {done.returncode}, {len(expected)} bytes expected: {done.stderr.decode()}")
        return 1
    same = done.stdout == expected[: count * CLASSES * 4]
    numbers = struct.unpack(f"<{len(done.stdout) // 4}f", done.stdout)
    rows = [numbers[i : i + CLASSES] for i in range(0, len(numbers), CLASSES)]
    right = sum(row.index(max(row)) == label for row, label in zip(rows, labels))
    print(f"{len(rows)} images, {right} right: {100 * right / count:.2f} %; "
          f"{'every bit' if same else 'NOT every bit'} as expected")

    # The first image of the test set is a boot. Bad input is refused.
    first = images[:4] + struct.pack(">I", 1) + images[8 : HEAD + PIXELS]
    refused = [run(first[:-1]), run(first[:10]), run(b"\1" + first[1:]), run(first, "--nonsense")]
    named = run(first).stdout == b"boot\n"
    print(f"named: {named}; refused: {[bad.returncode for bad in refused]}")
    return 0 if same and named and all(bad.returncode == 2 and bad.stderr for bad in refused) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
