// SPDX-License-Identifier: MIT
// What stands in the place of a BIOS, the last 64 KiB below 1 MiB: from the processor's reset to Linux's 32-bit entry,
// with the parts of the first disk in memory that its first sector names (make_disk.py).
.set table_of_parts, 0x8000
.set zero_page, 0x90000
.set entry, 0x100000

.section .text
.code16
start:
  cli
  lgdtl %cs:(table_of_segments - start)
  mov $0x11, %eax  // Protected mode.
  mov %eax, %cr0
  ljmpl $0x10, $(0xf0000 + start_32 - start)

.code32
start_32:
  mov $0x18, %eax
  mov %eax, %ds
  mov %eax, %es
  mov %eax, %fs
  mov %eax, %gs
  mov %eax, %ss
  mov $table_of_parts, %esp  // The stack grows below it.
  mov $table_of_parts, %edi
  xor %ebx, %ebx
  mov $1, %ecx
  call read
  mov $table_of_parts, %esi
1:  // A part's address and its sectors; none ends the table.
  lodsl
  mov %eax, %edi
  lodsl
  mov %eax, %ecx
  jecxz 2f
  call read
  jmp 1b
2:
  mov $zero_page, %esi
  mov $entry, %eax
  jmp *%eax

// ecx sectors of the first disk, from sector ebx on, to edi.
read:
  mov $0x1f2, %edx
  mov $1, %al
  out %al, %dx
  mov %ebx, %eax
  or $0xe0000000, %eax  // A number of a sector, of 28 bits.
  .rept 4
  inc %edx
  out %al, %dx
  shr $8, %eax
  .endr
  inc %edx
  mov $0x20, %al
  out %al, %dx
1:
  in %dx, %al
  and $0x88, %al
  cmp $0x08, %al
  jne 1b
  push %ecx
  mov $256, %ecx
  mov $0x1f0, %edx
  rep insw
  pop %ecx
  inc %ebx
  loop read
  ret

.balign 8
segments:
  .quad 0, 0, 0x00cf9b000000ffff, 0x00cf93000000ffff
table_of_segments:
  .word . - segments - 1
  .long 0xf0000 + segments - start

.org 0xfff0
.code16
  ljmpw $0xf000, $0  // To start.
.org 0x10000
.section .note.GNU-stack
