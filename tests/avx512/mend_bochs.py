#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""mend_bochs.py BOCHS MENDED

Copies Bochs' program and mends three instructions, of which Debian's version 3.0 gives wrong results; a program that is
not as expected is refused.
- In the EVEX forms of vpinsrb and vdpbf16ps it takes a short displacement in wrong steps (2 bytes instead of 1, 4 bytes
  instead of a vector), so it reads another address than a processor does: oneDNN's products of bytes of few channels
  and of bf16 come out wrong. A row of the table of instructions is two pointers to member functions, then a byte for
  each operand.
- vcvtne2ps2bf16 takes the upper half of its result from behind its first operand, where the second one lies, and oneDNN
  stores 32 channels of bf16 with it. Mended for vectors of 512 bits, the ones that oneDNN has there.
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
# The function, and an instruction of it: `lea 16(%rsp), %r15`, and the same 64 bytes before.
CODE_MENDS = [
    ("BX_CPU_C::VCVTNE2PS2BF16_MASK_VphHpsWpsR(", bytes.fromhex("4c8d7c2410"), bytes.fromhex("4c8d7c24d0")),
]
LONGEST = 512  # Bytes of such a function.


def lines(*command: str) -> list[list[str]]:
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    return [line.split() for line in result.stdout.splitlines()]


def address_of(name: str, functions: dict[str, int]) -> int:
    address = next((at for known, at in functions.items() if known.startswith(name)), None)
    if address is None:
        sys.exit(f"no {name[:-1]} in the program")
    return address


def place_of(name: str, sections: list[list[str]]) -> tuple[int, int]:
    """Where a section is in memory and in the file."""
    words = next(words for words in sections if name in words)
    start = words.index(name) + 2
    return int(words[start], 16), int(words[start + 1], 16)


def main() -> None:
    bochs, mended = sys.argv[1:]
    functions = {words[2]: int(words[0], 16) for words in lines("nm", "-DC", "--defined-only", bochs) if len(words) > 2}
    relocations = [words for words in lines("readelf", "-rW", bochs) if len(words) == 4 and "RELATIVE" in words[2]]
    sections = [words for words in lines("readelf", "-SW", bochs) if ".data" in words or ".text" in words]
    address, offset = place_of(".data", sections)
    code_address, code_offset = place_of(".text", sections)
    shutil.copyfile(bochs, mended)
    shutil.copymode(bochs, mended)
    with open(mended, "r+b") as file:
        for name, which, wrong, right in MENDS:
            function = address_of(name, functions)
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
        for name, wrong, right in CODE_MENDS:
            place = address_of(name, functions) - code_address + code_offset
            file.seek(place)
            code = file.read(LONGEST)
            if code.count(wrong) != 1:
                sys.exit(f"{bochs}: {name[:-1]} is not as in version 3.0")
            file.seek(place + code.index(wrong))
            file.write(right)


main()
