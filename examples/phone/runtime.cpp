// SPDX-License-Identifier: MIT
// What a C library and the C++ library would bring, for a program that calls little of them: its beginning and end,
// three system calls, memory, and how to fail. glibc's own, linked statically, begins at 530 KB. A program that has a
// C library anyway leaves this file away.
#include "runtime.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

// Where the kernel begins: the stack holds the number of arguments, pointers to them and to the environment, and what
// the processor can.
extern "C" {
const long* phone_first_stack = nullptr;
}
#if defined(__aarch64__)
asm(R"(
.globl _start
.type _start, %function
_start:
  mov x29, #0
  mov x30, #0
  adrp x2, phone_first_stack
  mov x0, sp
  str x0, [x2, :lo12:phone_first_stack]
  ldr x0, [sp]
  add x1, sp, #8
  bl main
  mov x8, #94
  svc #0
)");
#elif defined(__arm__)
asm(R"(
.arm
.globl _start
.type _start, %function
_start:
  mov fp, #0
  mov lr, #0
  ldr r2, =phone_first_stack
  str sp, [r2]
  ldr r0, [sp]
  add r1, sp, #4
  bl main
  mov r7, #248
  svc #0
)");
#elif defined(__riscv) && __riscv_xlen == 64
asm(R"(
.globl _start
.type _start, @function
_start:
  .option push
  .option norelax
  la gp, __global_pointer$
  .option pop
  la a2, phone_first_stack
  sd sp, 0(a2)
  ld a0, 0(sp)
  addi a1, sp, 8
  call main
  li a7, 94
  ecall
)");
#else
#error "the phone example knows the system calls of aarch64, arm and riscv64 Linux"
#endif

namespace {

#if defined(__arm__)
constexpr long read_call = 3, write_call = 4, exit_call = 248;
#else
constexpr long read_call = 63, write_call = 64, exit_call = 94;
#endif

long system_call(long number, long first, const void* second, std::size_t third) noexcept {
#if defined(__aarch64__)
  register long x8 asm("x8") = number;
  register long x0 asm("x0") = first;
  register const void* x1 asm("x1") = second;
  register std::size_t x2 asm("x2") = third;
  asm volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
  return x0;
#elif defined(__arm__)
  // r7 may be the frame pointer.
  register long r0 asm("r0") = first;
  register const void* r1 asm("r1") = second;
  register std::size_t r2 asm("r2") = third;
  asm volatile("push {r7}\n\tmov r7, %1\n\tsvc #0\n\tpop {r7}" : "+r"(r0) : "r"(number), "r"(r1), "r"(r2) : "memory");
  return r0;
#else
  register long a7 asm("a7") = number;
  register long a0 asm("a0") = first;
  register const void* a1 asm("a1") = second;
  register std::size_t a2 asm("a2") = third;
  asm volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2) : "memory");
  return a0;
#endif
}

/// All memory of the program: an engine and a context take a third of it, and nothing is ever given back.
alignas(64) std::byte memory[1U << 20U];
std::size_t taken = 0;

void* allocate(std::size_t bytes, std::size_t alignment) noexcept {
  const std::size_t begin = (taken + alignment - 1) / alignment * alignment;
  if (bytes > sizeof memory - begin) return nullptr;
  taken = begin + bytes;
  return memory + begin;
}

[[noreturn]] void fail(const char* what) noexcept {
  std::fputs(what, stderr);
  std::fputc('\n', stderr);
  std::abort();
}

}  // namespace

bool phone::read(std::span<std::byte> bytes) noexcept {
  while (!bytes.empty()) {
    const long count = system_call(read_call, 0, bytes.data(), bytes.size());
    if (count <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

bool phone::write(long file, std::span<const std::byte> bytes) noexcept {
  while (!bytes.empty()) {
    const long count = system_call(write_call, file, bytes.data(), bytes.size());
    if (count <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

// The C library's. Compilers call the first four by themselves.
extern "C" {

void* memcpy(void* __restrict to, const void* __restrict from, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) static_cast<char*>(to)[i] = static_cast<const char*>(from)[i];
  return to;
}
void* memmove(void* to, const void* from, std::size_t count) {
  if (to <= from) return memcpy(to, from, count);
  for (std::size_t i = count; i-- > 0;) static_cast<char*>(to)[i] = static_cast<const char*>(from)[i];
  return to;
}
void* memset(void* to, int value, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) static_cast<char*>(to)[i] = static_cast<char>(value);
  return to;
}
int memcmp(const void* left, const void* right, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const int difference = static_cast<const unsigned char*>(left)[i] - static_cast<const unsigned char*>(right)[i];
    if (difference != 0) return difference;
  }
  return 0;
}
std::size_t strlen(const char* text) {
  std::size_t length = 0;
  while (text[length] != '\0') ++length;
  return length;
}

// Errors without exceptions are printed to the standard error stream, the only one there is.
std::FILE* stderr = nullptr;
int fputs(const char* text, std::FILE*) {
  return phone::write(phone::standard_error, std::as_bytes(std::span{text, std::strlen(text)})) ? 0 : EOF;
}
std::size_t fwrite(const void* from, std::size_t size, std::size_t count, std::FILE*) {
  const std::span bytes{static_cast<const std::byte*>(from), size * count};
  return phone::write(phone::standard_error, bytes) ? count : 0;
}
int fputc(int character, std::FILE*) {
  const char byte = static_cast<char>(character);
  return phone::write(phone::standard_error, std::as_bytes(std::span{&byte, 1})) ? character : EOF;
}
/// As glibc has it: what the kernel says of the processor. Pairs of numbers behind the null behind the environment.
unsigned long getauxval(unsigned long type) {
  const long* at = phone_first_stack + 1 + phone_first_stack[0] + 1;
  while (*at != 0) ++at;
  for (++at; at[0] != 0; at += 2) {
    if (static_cast<unsigned long>(at[0]) == type) return static_cast<unsigned long>(at[1]);
  }
  return 0;
}
void abort() {
  system_call(exit_call, 134, nullptr, 0);
  __builtin_trap();
}

}  // extern "C"

// The C++ library's.
const std::nothrow_t std::nothrow{};
void* operator new(std::size_t bytes) {
  void* const result = allocate(bytes, alignof(std::max_align_t));
  if (result == nullptr) fail("phone: out of memory");
  return result;
}
void* operator new(std::size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return allocate(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void*) noexcept {}
void operator delete(void*, std::size_t) noexcept {}
void operator delete(void*, std::align_val_t) noexcept {}

namespace std {

void __throw_bad_alloc() {
  fail("phone: out of memory");
}
void __throw_bad_array_new_length() {
  fail("phone: out of memory");
}
void __throw_logic_error(const char* what) {
  fail(what);
}
void __throw_length_error(const char* what) {
  fail(what);
}
void __throw_out_of_range_fmt(const char* what, ...) {
  fail(what);
}

}  // namespace std
