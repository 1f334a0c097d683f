// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

#include <attar/core/error.hpp>

namespace attar {

/// The instructions that this program was compiled for (-march) and that this CPU does not have, as a list for people;
/// empty where it has all. Known for x86, and for dot products of bytes on Arm.
[[nodiscard]] inline std::string missing_instructions() {
  std::string missing;
  [[maybe_unused]] const auto need = [&](bool present, std::string_view name) {
    if (!present) missing.append(missing.empty() ? "" : ", ").append(name);
  };
#if defined(__AVX2__)
  need(__builtin_cpu_supports("avx2") != 0, "AVX2");
#endif
#if defined(__FMA__)
  need(__builtin_cpu_supports("fma") != 0, "FMA");
#endif
#if defined(__AVX512F__)
  need(__builtin_cpu_supports("avx512f") != 0, "AVX-512F");
#endif
#if defined(__AVX512BW__)
  need(__builtin_cpu_supports("avx512bw") != 0, "AVX-512BW");
#endif
#if defined(__AVX512DQ__)
  need(__builtin_cpu_supports("avx512dq") != 0, "AVX-512DQ");
#endif
#if defined(__AVX512VL__)
  need(__builtin_cpu_supports("avx512vl") != 0, "AVX-512VL");
#endif
#if defined(__AVX512VNNI__)
  need(__builtin_cpu_supports("avx512vnni") != 0, "AVX-512 VNNI");
#endif
#if defined(__AVX512BF16__)
  need(__builtin_cpu_supports("avx512bf16") != 0, "AVX-512 BF16");
#endif
#if defined(__aarch64__) && defined(__linux__) && defined(__ARM_FEATURE_DOTPROD)
  need((getauxval(AT_HWCAP) & 1UL << 20U) != 0, "dot products of bytes");  // HWCAP_ASIMDDP
#endif
  return missing;
}

/// Throws `Error` with `unsupported` where instructions are missing.
inline void require_instructions(const std::string& missing = missing_instructions()) {
  if (missing.empty()) return;
  raise(Error{ErrorCode::unsupported, "CPU", "the instructions that the program was compiled for",
              "one without " + missing});
}

}  // namespace attar
