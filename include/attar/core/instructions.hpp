// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

#include <attar/core/error.hpp>

namespace attar {

/// A set of instructions that some CPUs of an architecture have and others do not: a bit each. Known for x86 and 64-bit
/// Arm.
struct Instructions {
  std::uint32_t bits = 0;

  friend constexpr bool operator==(Instructions, Instructions) = default;
};

namespace detail {

#if defined(__x86_64__) || defined(__i386__)

/// Words of what the `cpuid` instruction says. The operating system must save the registers of others, too.
enum class CpuidWord : std::size_t { leaf1_ecx, leaf7_ebx, leaf7_ecx, leaf7_1_eax, extended_ecx };
enum class SavedRegisters { sse, avx, avx512 };

struct InstructionRow {
  std::string_view name;  ///< For people.
  CpuidWord word;
  unsigned bit;
  SavedRegisters registers;
};

/// What -march=x86-64-v2, -v3 and -v4 let compilers use, and what the kernels use beside.
inline constexpr std::array<InstructionRow, 21> instruction_rows{{
    {"SSE3", CpuidWord::leaf1_ecx, 0, SavedRegisters::sse},
    {"SSSE3", CpuidWord::leaf1_ecx, 9, SavedRegisters::sse},
    {"SSE4.1", CpuidWord::leaf1_ecx, 19, SavedRegisters::sse},
    {"SSE4.2", CpuidWord::leaf1_ecx, 20, SavedRegisters::sse},
    {"POPCNT", CpuidWord::leaf1_ecx, 23, SavedRegisters::sse},
    {"AVX", CpuidWord::leaf1_ecx, 28, SavedRegisters::avx},
    {"AVX2", CpuidWord::leaf7_ebx, 5, SavedRegisters::avx},
    {"FMA", CpuidWord::leaf1_ecx, 12, SavedRegisters::avx},
    {"F16C", CpuidWord::leaf1_ecx, 29, SavedRegisters::avx},
    {"BMI", CpuidWord::leaf7_ebx, 3, SavedRegisters::sse},
    {"BMI2", CpuidWord::leaf7_ebx, 8, SavedRegisters::sse},
    {"LZCNT", CpuidWord::extended_ecx, 5, SavedRegisters::sse},
    {"MOVBE", CpuidWord::leaf1_ecx, 22, SavedRegisters::sse},
    {"AVX-VNNI", CpuidWord::leaf7_1_eax, 4, SavedRegisters::avx},
    {"AVX-512F", CpuidWord::leaf7_ebx, 16, SavedRegisters::avx512},
    {"AVX-512BW", CpuidWord::leaf7_ebx, 30, SavedRegisters::avx512},
    {"AVX-512CD", CpuidWord::leaf7_ebx, 28, SavedRegisters::avx512},
    {"AVX-512DQ", CpuidWord::leaf7_ebx, 17, SavedRegisters::avx512},
    {"AVX-512VL", CpuidWord::leaf7_ebx, 31, SavedRegisters::avx512},
    {"AVX-512 VNNI", CpuidWord::leaf7_ecx, 11, SavedRegisters::avx512},
    {"AVX-512 BF16", CpuidWord::leaf7_1_eax, 5, SavedRegisters::avx512},
}};

using CpuidWords = std::array<unsigned, 5>;

[[nodiscard]] constexpr bool has_bit(const CpuidWords& words, CpuidWord word, unsigned bit) noexcept {
  return (words[static_cast<std::size_t>(word)] >> bit & 1U) != 0;
}

/// Asks the CPU; 0 where it does not know the question.
[[nodiscard]] inline CpuidWords cpuid_words() noexcept {
  CpuidWords words{};
  const auto set = [&](CpuidWord word, unsigned value) { words[static_cast<std::size_t>(word)] = value; };
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  const unsigned leaves = __get_cpuid_max(0, nullptr);
  if (leaves >= 1) {
    __cpuid(1, a, b, c, d);
    set(CpuidWord::leaf1_ecx, c);
  }
  if (leaves >= 7) {
    __cpuid_count(7, 0, a, b, c, d);
    set(CpuidWord::leaf7_ebx, b);
    set(CpuidWord::leaf7_ecx, c);
    const unsigned parts = a;
    if (parts >= 1) {
      __cpuid_count(7, 1, a, b, c, d);
      set(CpuidWord::leaf7_1_eax, a);
    }
  }
  constexpr unsigned extended = 0x80000001U;
  if (__get_cpuid(extended, &a, &b, &c, &d) != 0) set(CpuidWord::extended_ecx, c);
  return words;
}

/// Which registers the operating system saves.
[[nodiscard]] inline SavedRegisters saved_registers(const CpuidWords& words) noexcept {
  if (!has_bit(words, CpuidWord::leaf1_ecx, 27)) return SavedRegisters::sse;  // OSXSAVE: there is no such instruction.
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  if ((low & 0xE6U) == 0xE6U) return SavedRegisters::avx512;
  return (low & 0x06U) == 0x06U ? SavedRegisters::avx : SavedRegisters::sse;
}

[[nodiscard]] inline std::uint32_t ask_cpu() noexcept {
  const CpuidWords words = cpuid_words();
  const SavedRegisters saved = saved_registers(words);
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < instruction_rows.size(); ++i) {
    const InstructionRow& row = instruction_rows[i];
    if (row.registers <= saved && has_bit(words, row.word, row.bit)) bits |= 1U << i;
  }
  return bits;
}

#elif defined(__aarch64__)

struct InstructionRow {
  std::string_view name;  ///< For people.
  unsigned bit;           ///< Of what Linux says of the CPU.
};

/// Dot products and what -march=armv8.2-a lets compilers use beside.
inline constexpr std::array<InstructionRow, 4> instruction_rows{
    {{"dot products of bytes", 20}, {"CRC32", 7}, {"LSE", 8}, {"RDM", 12}}};

[[nodiscard]] inline std::uint32_t ask_cpu() noexcept {
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < instruction_rows.size(); ++i) {
#if defined(__linux__)
    if ((getauxval(AT_HWCAP) >> instruction_rows[i].bit & 1U) != 0) bits |= 1U << i;
#else
    bits |= 1U << i;  // Nobody to ask.
#endif
  }
  return bits;
}

#else

struct InstructionRow {
  std::string_view name;
};

inline constexpr std::array<InstructionRow, 0> instruction_rows{};

[[nodiscard]] inline std::uint32_t ask_cpu() noexcept {
  return 0;
}

#endif

/// The set with one instruction in it. One that is not known does not compile.
[[nodiscard]] consteval std::uint32_t instruction_bit(std::string_view name) {
  std::size_t i = 0;
  while (instruction_rows[i].name != name) ++i;
  return 1U << i;
}

/// What the CPU said, and bit 31; 0 before it was asked, which takes some ten microseconds a question in a virtual
/// machine.
inline constinit std::atomic<std::uint32_t> known_instructions{0};

}  // namespace detail

/// Those that this CPU has.
[[nodiscard]] inline Instructions cpu_instructions() noexcept {
  constexpr std::uint32_t is_known = 1U << 31U;
  std::uint32_t bits = detail::known_instructions.load(std::memory_order_relaxed);
  if (bits == 0) {
    bits = detail::ask_cpu() | is_known;
    detail::known_instructions.store(bits, std::memory_order_relaxed);
  }
  return {bits & ~is_known};
}

/// Those that this file is compiled for (-march).
[[nodiscard]] consteval Instructions compiled_instructions() {
  std::uint32_t bits = 0;
#if defined(__SSE3__)
  bits |= detail::instruction_bit("SSE3");
#endif
#if defined(__SSSE3__)
  bits |= detail::instruction_bit("SSSE3");
#endif
#if defined(__SSE4_1__)
  bits |= detail::instruction_bit("SSE4.1");
#endif
#if defined(__SSE4_2__)
  bits |= detail::instruction_bit("SSE4.2");
#endif
#if defined(__POPCNT__)
  bits |= detail::instruction_bit("POPCNT");
#endif
#if defined(__AVX__)
  bits |= detail::instruction_bit("AVX");
#endif
#if defined(__AVX2__)
  bits |= detail::instruction_bit("AVX2");
#endif
#if defined(__FMA__)
  bits |= detail::instruction_bit("FMA");
#endif
#if defined(__F16C__)
  bits |= detail::instruction_bit("F16C");
#endif
#if defined(__BMI__)
  bits |= detail::instruction_bit("BMI");
#endif
#if defined(__BMI2__)
  bits |= detail::instruction_bit("BMI2");
#endif
#if defined(__LZCNT__)
  bits |= detail::instruction_bit("LZCNT");
#endif
#if defined(__MOVBE__)
  bits |= detail::instruction_bit("MOVBE");
#endif
#if defined(__AVXVNNI__)
  bits |= detail::instruction_bit("AVX-VNNI");
#endif
#if defined(__AVX512F__)
  bits |= detail::instruction_bit("AVX-512F");
#endif
#if defined(__AVX512BW__)
  bits |= detail::instruction_bit("AVX-512BW");
#endif
#if defined(__AVX512CD__)
  bits |= detail::instruction_bit("AVX-512CD");
#endif
#if defined(__AVX512DQ__)
  bits |= detail::instruction_bit("AVX-512DQ");
#endif
#if defined(__AVX512VL__)
  bits |= detail::instruction_bit("AVX-512VL");
#endif
#if defined(__AVX512VNNI__)
  bits |= detail::instruction_bit("AVX-512 VNNI");
#endif
#if defined(__AVX512BF16__)
  bits |= detail::instruction_bit("AVX-512 BF16");
#endif
#if defined(__aarch64__)
#if defined(__ARM_FEATURE_DOTPROD)
  bits |= detail::instruction_bit("dot products of bytes");
#endif
#if defined(__ARM_FEATURE_CRC32)
  bits |= detail::instruction_bit("CRC32");
#endif
#if defined(__ARM_FEATURE_ATOMICS)
  bits |= detail::instruction_bit("LSE");
#endif
#if defined(__ARM_FEATURE_QRDMX)
  bits |= detail::instruction_bit("RDM");
#endif
#endif
  return {bits};
}

/// Those of `wanted` that this CPU does not have, as a list for people; empty where it has all.
[[nodiscard]] inline std::string missing_instructions(Instructions wanted = compiled_instructions()) {
  const std::uint32_t bits = wanted.bits & ~cpu_instructions().bits;
  std::string missing;
  for (std::size_t i = 0; i < detail::instruction_rows.size(); ++i) {
    if ((bits >> i & 1U) != 0) missing.append(missing.empty() ? "" : ", ").append(detail::instruction_rows[i].name);
  }
  return missing;
}

/// Throws `Error` with `unsupported` where instructions are missing.
inline void require_instructions(const std::string& missing = missing_instructions()) {
  if (missing.empty()) return;
  raise(Error{ErrorCode::unsupported, "CPU", "the instructions that the engine was compiled for",
              "one without " + missing});
}

}  // namespace attar
