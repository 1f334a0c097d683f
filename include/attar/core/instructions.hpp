// SPDX-License-Identifier: MIT
#pragma once

#include <array>
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

/// Where the `cpuid` instruction tells of others. The operating system must save the registers that they use, too.
enum class CpuidPlace { leaf1_ecx, leaf7_ebx, leaf7_ecx, leaf7_1_eax, extended_ecx };
enum class SavedRegisters { sse, avx, avx512 };

struct InstructionRow {
  std::string_view name;  ///< For people.
  CpuidPlace place;
  unsigned bit;
  SavedRegisters registers;
};

/// What -march=x86-64-v2, -v3 and -v4 let compilers use, and what the kernels use beside.
inline constexpr std::array<InstructionRow, 21> instruction_rows{{
    {"SSE3", CpuidPlace::leaf1_ecx, 0, SavedRegisters::sse},
    {"SSSE3", CpuidPlace::leaf1_ecx, 9, SavedRegisters::sse},
    {"SSE4.1", CpuidPlace::leaf1_ecx, 19, SavedRegisters::sse},
    {"SSE4.2", CpuidPlace::leaf1_ecx, 20, SavedRegisters::sse},
    {"POPCNT", CpuidPlace::leaf1_ecx, 23, SavedRegisters::sse},
    {"AVX", CpuidPlace::leaf1_ecx, 28, SavedRegisters::avx},
    {"AVX2", CpuidPlace::leaf7_ebx, 5, SavedRegisters::avx},
    {"FMA", CpuidPlace::leaf1_ecx, 12, SavedRegisters::avx},
    {"F16C", CpuidPlace::leaf1_ecx, 29, SavedRegisters::avx},
    {"BMI", CpuidPlace::leaf7_ebx, 3, SavedRegisters::sse},
    {"BMI2", CpuidPlace::leaf7_ebx, 8, SavedRegisters::sse},
    {"LZCNT", CpuidPlace::extended_ecx, 5, SavedRegisters::sse},
    {"MOVBE", CpuidPlace::leaf1_ecx, 22, SavedRegisters::sse},
    {"AVX-VNNI", CpuidPlace::leaf7_1_eax, 4, SavedRegisters::avx},
    {"AVX-512F", CpuidPlace::leaf7_ebx, 16, SavedRegisters::avx512},
    {"AVX-512BW", CpuidPlace::leaf7_ebx, 30, SavedRegisters::avx512},
    {"AVX-512CD", CpuidPlace::leaf7_ebx, 28, SavedRegisters::avx512},
    {"AVX-512DQ", CpuidPlace::leaf7_ebx, 17, SavedRegisters::avx512},
    {"AVX-512VL", CpuidPlace::leaf7_ebx, 31, SavedRegisters::avx512},
    {"AVX-512 VNNI", CpuidPlace::leaf7_ecx, 11, SavedRegisters::avx512},
    {"AVX-512 BF16", CpuidPlace::leaf7_1_eax, 5, SavedRegisters::avx512},
}};

/// A word of what `cpuid` says, 0 where the CPU does not know the question.
[[nodiscard]] inline unsigned cpuid_word(CpuidPlace place) noexcept {
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  switch (place) {
    case CpuidPlace::leaf1_ecx:
      return __get_cpuid(1, &a, &b, &c, &d) != 0 ? c : 0;
    case CpuidPlace::leaf7_ebx:
      return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 ? b : 0;
    case CpuidPlace::leaf7_ecx:
      return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 ? c : 0;
    case CpuidPlace::leaf7_1_eax:
      // Without that part of the leaf, the answer is that to another question.
      if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0 || a == 0) return 0;
      return __get_cpuid_count(7, 1, &a, &b, &c, &d) != 0 ? a : 0;
    case CpuidPlace::extended_ecx:
      break;
  }
  return __get_cpuid(0x80000001U, &a, &b, &c, &d) != 0 ? c : 0;
}

/// Whether the operating system saves registers of that width.
[[nodiscard]] inline bool are_saved(SavedRegisters registers) noexcept {
  if (registers == SavedRegisters::sse) return true;
  constexpr unsigned osxsave = 1U << 27U;
  if ((cpuid_word(CpuidPlace::leaf1_ecx) & osxsave) == 0) return false;
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  const std::uint32_t wanted = registers == SavedRegisters::avx ? 0x06U : 0xE6U;
  return (low & wanted) == wanted;
}

[[nodiscard]] inline bool cpu_has(const InstructionRow& row) noexcept {
  return (cpuid_word(row.place) >> row.bit & 1U) != 0 && are_saved(row.registers);
}

#elif defined(__aarch64__)

struct InstructionRow {
  std::string_view name;  ///< For people.
  unsigned bit;           ///< Of what Linux says of the CPU.
};

/// Dot products and what -march=armv8.2-a lets compilers use beside.
inline constexpr std::array<InstructionRow, 4> instruction_rows{
    {{"dot products of bytes", 20}, {"CRC32", 7}, {"LSE", 8}, {"RDM", 12}}};

[[nodiscard]] inline bool cpu_has([[maybe_unused]] const InstructionRow& row) noexcept {
#if defined(__linux__)
  return (getauxval(AT_HWCAP) >> row.bit & 1U) != 0;
#else
  return true;  // Nobody to ask.
#endif
}

#else

struct InstructionRow {
  std::string_view name;
};

inline constexpr std::array<InstructionRow, 0> instruction_rows{};

[[nodiscard]] inline bool cpu_has(const InstructionRow&) noexcept {
  return true;
}

#endif

/// The set with one instruction in it. One that is not known does not compile.
[[nodiscard]] consteval std::uint32_t instruction_bit(std::string_view name) {
  std::size_t i = 0;
  while (instruction_rows[i].name != name) ++i;
  return 1U << i;
}

}  // namespace detail

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
  std::string missing;
  for (std::size_t i = 0; i < detail::instruction_rows.size(); ++i) {
    const detail::InstructionRow& row = detail::instruction_rows[i];
    if ((wanted.bits >> i & 1U) == 0 || detail::cpu_has(row)) continue;
    missing.append(missing.empty() ? "" : ", ").append(row.name);
  }
  return missing;
}

/// Throws `Error` with `unsupported` where instructions are missing.
inline void require_instructions(const std::string& missing = missing_instructions()) {
  if (missing.empty()) return;
  raise(Error{ErrorCode::unsupported, "CPU", "the instructions that the program was compiled for",
              "one without " + missing});
}

}  // namespace attar
