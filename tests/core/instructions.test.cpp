// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "../io/scratch.hpp"
#include <attar/core/instructions.hpp>

namespace attar::instructions_test {
namespace {

using namespace attar;
using namespace attar::test;

TEST(Instructions, OfTheMachineThatTheTestsRunOnAreThere) {
  EXPECT_EQ(missing_instructions(), "");
  require_instructions();
}

TEST(Instructions, ThatAreMissingAreNamed) {
  expect_error(ErrorCode::unsupported, "one without AVX2, FMA", [] { require_instructions("AVX2, FMA"); });
}

TEST(Instructions, NoneAreMissingWhereNoneAreWanted) {
  EXPECT_EQ(missing_instructions({}), "");
}

TEST(Instructions, HaveABitAndANameEach) {
  for (std::size_t i = 0; i < detail::instruction_rows.size(); ++i) {
    const Instructions one{std::uint32_t{1} << i};
    const bool has = (cpu_instructions().bits & one.bits) != 0;
    EXPECT_EQ(missing_instructions(one), has ? "" : detail::instruction_rows[i].name);
  }
  EXPECT_EQ(cpu_instructions(), cpu_instructions());
}

#if defined(__x86_64__)
// What the compiler's library finds out in its own way.
TEST(Instructions, AreThoseThatTheCompilerKnowsOfThisCpu) {
  const auto has = [](const char* name) {
    for (std::size_t i = 0; i < detail::instruction_rows.size(); ++i) {
      if (detail::instruction_rows[i].name == name) return (cpu_instructions().bits >> i & 1U) != 0;
    }
    return false;
  };
  EXPECT_EQ(has("SSE3"), __builtin_cpu_supports("sse3") != 0);
  EXPECT_EQ(has("SSSE3"), __builtin_cpu_supports("ssse3") != 0);
  EXPECT_EQ(has("SSE4.1"), __builtin_cpu_supports("sse4.1") != 0);
  EXPECT_EQ(has("SSE4.2"), __builtin_cpu_supports("sse4.2") != 0);
  EXPECT_EQ(has("POPCNT"), __builtin_cpu_supports("popcnt") != 0);
  EXPECT_EQ(has("AVX"), __builtin_cpu_supports("avx") != 0);
  EXPECT_EQ(has("AVX2"), __builtin_cpu_supports("avx2") != 0);
  EXPECT_EQ(has("FMA"), __builtin_cpu_supports("fma") != 0);
  EXPECT_EQ(has("BMI"), __builtin_cpu_supports("bmi") != 0);
  EXPECT_EQ(has("BMI2"), __builtin_cpu_supports("bmi2") != 0);
  EXPECT_EQ(has("AVX-512F"), __builtin_cpu_supports("avx512f") != 0);
  EXPECT_EQ(has("AVX-512BW"), __builtin_cpu_supports("avx512bw") != 0);
  EXPECT_EQ(has("AVX-512CD"), __builtin_cpu_supports("avx512cd") != 0);
  EXPECT_EQ(has("AVX-512DQ"), __builtin_cpu_supports("avx512dq") != 0);
  EXPECT_EQ(has("AVX-512VL"), __builtin_cpu_supports("avx512vl") != 0);
  EXPECT_EQ(has("AVX-512 VNNI"), __builtin_cpu_supports("avx512vnni") != 0);
  EXPECT_EQ(has("AVX-512 BF16"), __builtin_cpu_supports("avx512bf16") != 0);
}
#endif

}  // namespace
}  // namespace attar::instructions_test
