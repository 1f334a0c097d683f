#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Looks whether a program with variants holds instructions only where they belong.

check_instructions.py <objdump> <program> <map that the linker wrote> <object files of variants...>

Object files of the program itself and of the variant "baseline" must hold none that only some CPUs have, each other
variant those of its CPU and no better ones. Libraries choose for themselves, and are not looked at.
"""

import bisect
import re
import subprocess
import sys
from pathlib import Path

AVX, AVX512 = r"^v(?!er[rw]\b|m)|%ymm", r"%zmm|%[xy]mm(1[6-9]|2\d|3[01])|%k[0-7]"
DOT = r"^[su]dot\b"
#  variant: instructions that it must hold, instructions that it must not hold
RULES = {
    "avx512_vnni": (r"vpdpbusd.*%zmm", DOT),
    "avx512": (r"vpmaddwd.*%zmm", r"vpdpbusd"),
    "avx_vnni": (r"vpdpbusd.*%ymm", AVX512),
    "avx2": (r"vpmaddwd.*%ymm", rf"vpdpbusd|{AVX512}"),
    "dotprod": (r"^sdot\b", AVX),
    "baseline": (r".", rf"{AVX}|{AVX512}|{DOT}"),
}

SECTION = re.compile(r"^ (\.text\S*)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)\s+(\S+)$", re.MULTILINE)
INSTRUCTION = re.compile(r"^\s+([0-9a-f]+):\t(.*)$", re.MULTILINE)


def code_sections(map_text: str) -> list[tuple[int, int, str]]:
    """(begin, end, object file) of all code that is no library's, in order."""
    one_line = re.sub(r"^( \.text\S*)\n\s+", r"\1 ", map_text, flags=re.MULTILINE)
    found = []
    for _, address, size, file in SECTION.findall(one_line):
        begin, bytes_ = int(address, 16), int(size, 16)
        if begin and bytes_ and "lib" not in Path(file).name and not re.search(r"\.a\(|/crt", file):
            found.append((begin, begin + bytes_, file))
    return sorted(found)


def variant_of(file: str, objects: dict[str, str]) -> str:
    """The rule for an object file: that of its variant, or "baseline" for the program's own."""
    return objects.get(Path(file).name, "baseline")


def main(objdump: str, program: str, map_file: str, *variant_objects: str) -> int:
    objects = {}
    for name in variant_objects:
        objects[Path(name).name] = max((rule for rule in RULES if Path(name).stem.endswith("_" + rule)), key=len)
    sections = code_sections(Path(map_file).read_text(encoding="utf-8", errors="replace"))
    begins = [begin for begin, _, _ in sections]
    code: dict[str, list[str]] = {}
    text = subprocess.run([objdump, "-d", "--no-show-raw-insn", program], capture_output=True, text=True, check=True)
    for address, instruction in INSTRUCTION.findall(text.stdout):
        place = bisect.bisect_right(begins, int(address, 16)) - 1
        if place >= 0 and int(address, 16) < sections[place][1]:
            code.setdefault(sections[place][2], []).append(instruction)

    faults = [f"{name}: no code in the program" for name in objects if name not in {Path(file).name for file in code}]
    for file, instructions in sorted(code.items()):
        must, must_not = RULES[variant_of(file, objects)]
        foreign = [instruction for instruction in instructions if re.search(must_not, instruction)]
        print(f"{file}: {len(instructions)} instructions, {len(foreign)} foreign")
        faults += [f"{file}: {instruction}" for instruction in foreign[:3]]
        if not any(re.search(must, instruction) for instruction in instructions):
            faults.append(f"{file}: none like {must}")
    if len(code) <= len(objects):
        faults.append("no code of the program itself was found")
    print(*faults, f"{len(faults)} faults", sep="\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
