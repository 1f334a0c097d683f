#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make_disk.py KERNEL INITRAMFS MEGABYTES COMMAND_LINE DISK

Writes the disk that boot.S loads: first the table of its parts (where to, how many sectors), then these. They are what
Linux's 32-bit boot protocol asks for: the page of boot parameters with the map of the memory and the command line
behind it, the kernel without its 16-bit part, and the initial file system.
"""
import struct
import sys
from pathlib import Path

SECTOR = 512
CYLINDER = 16 * 63 * SECTOR
ZERO_PAGE = 0x90000
COMMAND_LINE = ZERO_PAGE + 0x1000
ENTRY = 0x100000
INITRAMFS = 0x8000000  # Behind what the kernel unpacks itself to.


def boot_parameters(kernel: bytes, initramfs_size: int, megabytes: int, command_line: str) -> bytes:
    page = bytearray(0x2000)
    header, header_end = 0x1F1, 0x202 + kernel[0x201]
    page[header:header_end] = kernel[header:header_end]
    page[0x210] = 0xFF  # A loader without a number.
    struct.pack_into("<II", page, 0x218, INITRAMFS, initramfs_size)
    struct.pack_into("<I", page, 0x228, COMMAND_LINE)
    usable, reserved = 1, 2
    memory = [(0, 0x9F000, usable), (0xF0000, 0x10000, reserved), (ENTRY, megabytes * 2**20 - ENTRY, usable)]
    page[0x1E8] = len(memory)
    for i, area in enumerate(memory):
        struct.pack_into("<QQI", page, 0x2D0 + 20 * i, *area)
    page[0x1000 : 0x1000 + len(command_line)] = command_line.encode("ascii")
    return bytes(page)


def main() -> None:
    kernel, initramfs = (Path(name).read_bytes() for name in sys.argv[1:3])
    megabytes, command_line, disk = int(sys.argv[3]), sys.argv[4], sys.argv[5]
    if kernel[0x202:0x206] != b"HdrS":
        sys.exit(f"{sys.argv[1]}: not a kernel for x86")
    parts = [
        (ZERO_PAGE, boot_parameters(kernel, len(initramfs), megabytes, command_line)),
        (ENTRY, kernel[((kernel[0x1F1] or 4) + 1) * SECTOR :]),
        (INITRAMFS, initramfs),
    ]
    sectors = [-(-len(part) // SECTOR) for _, part in parts]
    table = b"".join(struct.pack("<II", address, count) for (address, _), count in zip(parts, sectors))
    with open(disk, "wb") as file:
        file.write(table.ljust(SECTOR, b"\0"))
        for (_, part), count in zip(parts, sectors):
            file.write(part.ljust(count * SECTOR, b"\0"))
        file.truncate((file.tell() // CYLINDER + 2) * CYLINDER)


main()
