// SPDX-License-Identifier: MIT
#pragma once

#include <fstream>
#include <istream>
#include <sstream>
#include <string>

namespace attar {

/// What a CPU has that decides how fast int8 and bf16 are.
struct CpuFeatures {
  bool avx2 = false;
  bool avx512 = false;       ///< AVX512F and BW.
  bool avx512_vnni = false;  ///< Products of four pairs of bytes in one instruction, exact.
  bool avx_vnni = false;     ///< The same in registers of 256 bits.
  bool amx_int8 = false;     ///< Tiles of bytes.
  bool avx512_bf16 = false;
  bool amx_bf16 = false;
  bool arm_dot = false;  ///< Armv8.2 dot products of bytes.
  bool arm_bf16 = false;

  /// Whether it multiplies bytes faster than floats.
  [[nodiscard]] bool fast_int8() const noexcept { return avx512_vnni || avx_vnni || amx_int8 || arm_dot; }
  [[nodiscard]] bool fast_bf16() const noexcept { return avx512_bf16 || amx_bf16 || arm_bf16; }
};

/// Reads them from the text of Linux's /proc/cpuinfo, of its first processor. Nothing where there is no such text.
[[nodiscard]] inline CpuFeatures read_cpu_features(std::istream& cpuinfo) {
  CpuFeatures features;
  bool avx512f = false;
  bool avx512bw = false;
  for (std::string line; std::getline(cpuinfo, line);) {
    if (!line.starts_with("flags") && !line.starts_with("Features")) continue;
    std::istringstream words{line.substr(line.find(':') + 1)};
    for (std::string word; words >> word;) {
      if (word == "avx2") features.avx2 = true;
      if (word == "avx512f") avx512f = true;
      if (word == "avx512bw") avx512bw = true;
      if (word == "avx512_vnni") features.avx512_vnni = true;
      if (word == "avx_vnni") features.avx_vnni = true;
      if (word == "amx_int8") features.amx_int8 = true;
      if (word == "avx512_bf16") features.avx512_bf16 = true;
      if (word == "amx_bf16") features.amx_bf16 = true;
      if (word == "asimddp") features.arm_dot = true;
      if (word == "bf16") features.arm_bf16 = true;
    }
    break;
  }
  features.avx512 = avx512f && avx512bw;
  return features;
}

/// Those of this machine.
[[nodiscard]] inline CpuFeatures cpu_features() {
  std::ifstream cpuinfo{"/proc/cpuinfo"};
  return read_cpu_features(cpuinfo);
}

/// Two lines: what the CPU has, and what that means for int8.
[[nodiscard]] inline std::string to_text(const CpuFeatures& features) {
  const auto has = [](bool yes, const std::string& name) { return (yes ? "" : "no ") + name; };
  if (features.arm_dot || features.arm_bf16) {
    return "CPU: " + has(features.arm_dot, "dot products of bytes") + ", " + has(features.arm_bf16, "bf16") + "\n";
  }
  std::string text = "CPU: " + has(features.avx2, "AVX2") + ", " + has(features.avx512, "AVX-512") + ", " +
                     has(features.avx512_vnni, "AVX-512 VNNI") + ", " + has(features.avx_vnni, "AVX-VNNI") + ", " +
                     has(features.amx_int8, "AMX") + ", " + has(features.fast_bf16(), "bf16") + "\n";
  if (features.fast_int8()) {
    return text + "Products of bytes are exact in full 8 bits and take fewer instructions than those of floats.\n";
  }
  return text +
         "Without VNNI, byte instructions overflow beyond 7-bit weights. Products of 8-bit weights are made in\n"
         "16 bits by our own kernels: exact, but half as many at once. WeightBits<7> and below are multiplied as\n"
         "bytes: all by Embedded, those with u8 inputs by oneDNN; fastest_mix measures which layers gain.\n";
}

}  // namespace attar
