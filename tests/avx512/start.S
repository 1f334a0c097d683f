// SPDX-License-Identifier: MIT
// From the processor's reset to `run_program` in 64-bit mode, with all of its vector registers switched on, and the
// way from a system call to `system_call`. Everything runs in ring 0; memory lies where its address says.
.set page_tables, 0x10000
.set stack, 0x80000

.section .text.start, "ax"
.code16
start:
  cli
  lgdtl %cs:(table_of_segments - start)
  mov $0x11, %eax  // Protected mode.
  mov %eax, %cr0
  ljmpl $0x08, $start_32

.code32
start_32:
  mov $0x10, %eax
  mov %eax, %ds
  mov %eax, %es
  mov %eax, %ss
  // The first gigabyte, in pages of 2 MiB.
  mov $page_tables, %edi
  xor %eax, %eax
  mov $0xc00, %ecx
  rep stosl
  movl $page_tables + 0x1003, page_tables
  movl $page_tables + 0x2003, page_tables + 0x1000
  mov $page_tables + 0x2000, %edi
  mov $0x83, %eax
1:
  mov %eax, (%edi)
  add $8, %edi
  add $0x200000, %eax
  cmp $0x40000083, %eax
  jne 1b
  mov $page_tables, %eax
  mov %eax, %cr3
  mov $0x40620, %eax  // PAE, OSFXSR, OSXMMEXCPT, OSXSAVE
  mov %eax, %cr4
  mov $0xc0000080, %ecx
  mov $0x101, %eax  // Of EFER: system calls, 64-bit mode.
  xor %edx, %edx
  wrmsr
  mov $0x80000013, %eax  // Paging, a floating point unit.
  mov %eax, %cr0
  ljmpl $0x18, $start_64

.code64
start_64:
  mov $0x20, %eax
  mov %eax, %ds
  mov %eax, %es
  mov %eax, %ss
  mov $stack, %rsp
  fninit
  mov $0xd, %eax
  xor %ecx, %ecx
  cpuid
  and $0xe7, %eax  // Vector registers, if the processor has them.
  xor %ecx, %ecx
  xor %edx, %edx
  xsetbv
  mov $0xc0000081, %ecx  // Segments while a system call runs.
  xor %eax, %eax
  mov $0x18, %edx
  wrmsr
  inc %ecx  // Where it goes.
  mov $on_system_call, %eax
  xor %edx, %edx
  wrmsr
  call run_program

// Number in rax, arguments in rdi, rsi, rdx, r10, r8, r9; all registers but rax come back.
on_system_call:
  sub $128, %rsp  // Below the stack pointer programs keep numbers, too.
  push %rcx
  push %r11
  push %rdi
  push %rsi
  push %rdx
  push %r8
  push %r9
  push %r10
  push %rbx
  mov %rsp, %rbx
  and $-16, %rsp
  mov %rdx, %rcx
  mov %rsi, %rdx
  mov %rdi, %rsi
  mov %rax, %rdi
  call system_call
  mov %rbx, %rsp
  pop %rbx
  pop %r10
  pop %r9
  pop %r8
  pop %rdx
  pop %rsi
  pop %rdi
  pop %r11
  pop %rcx
  add $128, %rsp
  jmp *%rcx

// Begins the program: its entry in rdi, its stack in rsi.
.globl enter
enter:
  mov %rsi, %rsp
  xor %edx, %edx
  xor %ebp, %ebp
  jmp *%rdi

.balign 8
segments:
  .quad 0, 0x00cf9b000000ffff, 0x00cf93000000ffff, 0x00af9b000000ffff, 0x00cf93000000ffff
table_of_segments:
  .word . - segments - 1
  .long segments

.section .reset, "ax"
.code16
  ljmpw $0xf000, $0  // To start.

.section .note.GNU-stack
