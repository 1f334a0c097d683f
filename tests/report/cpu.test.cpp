// SPDX-License-Identifier: MIT
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include <attar/report/cpu.hpp>

namespace attar::cpu_test {
namespace {

CpuFeatures of(const std::string& text) {
  std::istringstream stream{text};
  return read_cpu_features(stream);
}

TEST(CpuFeatures, AreThoseOfTheFirstProcessor) {
  const CpuFeatures zen3 =
      of("processor\t: 0\nflags\t\t: fpu sse2 avx avx2 vaes\n\nprocessor\t: 1\nflags\t: avx512_vnni\n");
  EXPECT_TRUE(zen3.avx2);
  EXPECT_FALSE(zen3.avx512);
  EXPECT_FALSE(zen3.fast_int8());
  EXPECT_FALSE(zen3.fast_bf16());
  const CpuFeatures server = of("flags : avx2 avx512f avx512bw avx512_vnni avx512_bf16 amx_int8 amx_bf16 avx_vnni\n");
  EXPECT_TRUE(server.avx512 && server.avx512_vnni && server.avx_vnni && server.amx_int8 && server.amx_bf16);
  EXPECT_TRUE(server.fast_int8());
  EXPECT_TRUE(server.fast_bf16());
  const CpuFeatures arm = of("Features\t: fp asimd asimddp bf16\n");
  EXPECT_TRUE(arm.fast_int8());
  EXPECT_TRUE(arm.fast_bf16());
  EXPECT_FALSE(of("").avx2);
}

TEST(CpuFeatures, SayWhatInt8Risks) {
  EXPECT_NE(to_text(of("flags : avx2\n")).find("no AVX-512 VNNI"), std::string::npos);
  EXPECT_NE(to_text(of("flags : avx2\n")).find("Without VNNI"), std::string::npos);
  const std::string server = to_text(of("flags : avx2 avx512f avx512bw avx512_vnni\n"));
  EXPECT_EQ(server.find("Without VNNI"), std::string::npos);
  EXPECT_NE(server.find("AVX2, AVX-512, AVX-512 VNNI, no AVX-VNNI, no AMX, no bf16"), std::string::npos) << server;
}

}  // namespace
}  // namespace attar::cpu_test
