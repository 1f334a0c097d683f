#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""mend_bochs.py BOCHS MENDED

Copies Bochs' program and mends two rows of its table of instructions. In the EVEX form of both, Debian's version 3.0
takes a short displacement in wrong steps (for vpinsrb 2 bytes instead of 1, for vdpbf16ps 4 bytes instead of a vector),
so it reads another address than a processor does, and oneDNN's products of bytes of few channels and of bf16 come out
wrong. A row is two pointers to member functions, then a byte for each operand. A program with other rows is refused.
"""
import shutil
import subprocess
import sys

POINTER = 16
SOURCE = 2  # The operand that may be in memory.
# The function, which of the row's two it is, and the operand's byte: as it is, as it should be.
MENDS = [
    ("BX_CPU_C::VPINSRB_VdqHdqEbIbM(", 0, 0x23, 0x13),
    ("BX_CPU_C::VDPBF16PS_MASK_VpsHdqWdqR(", 1, 0x44, 0x04),
]


def lines(*command: str) -> list[list[str]]:
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    return [line.split() for line in result.stdout.splitlines()]


def main() -> None:
    bochs, mended = sys.argv[1:]
    functions = {words[2]: int(words[0], 16) for words in lines("nm", "-DC", "--defined-only", bochs) if len(words) > 2}
    relocations = [words for words in lines("readelf", "-rW", bochs) if len(words) == 4 and "RELATIVE" in words[2]]
    section = next(words for words in lines("readelf", "-SW", bochs) if ".data" in words)
    address, offset = (int(word, 16) for word in section[section.index(".data") + 2 :][:2])
    shutil.copyfile(bochs, mended)
    shutil.copymode(bochs, mended)
    with open(mended, "r+b") as file:
        for name, which, wrong, right in MENDS:
            function = next((at for known, at in functions.items() if known.startswith(name)), None)
            rows = [int(words[0], 16) for words in relocations if int(words[3], 16) == function]
            for row in rows:
                place = row - which * POINTER + 2 * POINTER + SOURCE - address + offset
                file.seek(place)
                if file.read(1)[0] != wrong:
                    sys.exit(f"{bochs}: {name[:-1]} is not as in version 3.0")
                file.seek(place)
                file.write(bytes([right]))
            if not rows:
                sys.exit(f"{bochs}: no {name[:-1]}")


main()
