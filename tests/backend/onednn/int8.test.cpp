// SPDX-License-Identifier: MIT
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <vector>

#include <dnnl.hpp>
#include <gtest/gtest.h>

#include "../../support/int8_exact.hpp"
#include <attar/backend/onednn.hpp>
#include <attar/backend/onednn/int8.hpp>

namespace attar::test::int8_test {
namespace {

TEST(OneDnnInt8, IsExactlyThePlainIntegerInterpreter) {
  expect_exact_on_random_networks<OneDnn>(120);
}

/// Runs the comparison in a process whose oneDNN may only use some instructions.
void compare_on(dnnl::cpu_isa isa) {
  if (dnnl::set_max_cpu_isa(isa) != dnnl::status::success) std::exit(2);
  expect_exact_on_random_networks<OneDnn>(30);
  std::cerr << (::testing::Test::HasFailure() ? "differs" : "exact") << '\n';
  std::exit(::testing::Test::HasFailure() ? 1 : 0);
}

class OneDnnInt8DeathTest : public ::testing::Test {
 protected:
  void SetUp() override { ::testing::GTEST_FLAG(death_test_style) = "threadsafe"; }
};

// Without VNNI, where sums of pairs would overflow in 16 bits.
TEST_F(OneDnnInt8DeathTest, IsExactWithAvx512AndNoVnni) {
  EXPECT_EXIT(compare_on(dnnl::cpu_isa::avx512_core), ::testing::ExitedWithCode(0), "exact");
}
TEST_F(OneDnnInt8DeathTest, IsExactWithAvx2) {
  EXPECT_EXIT(compare_on(dnnl::cpu_isa::avx2), ::testing::ExitedWithCode(0), "exact");
}
TEST_F(OneDnnInt8DeathTest, IsExactWithSse41) {
  EXPECT_EXIT(compare_on(dnnl::cpu_isa::sse41), ::testing::ExitedWithCode(0), "exact");
}

TEST(SumsAreExact, DependsOnBitsAndSignsWithoutVnniOnly) {
  const std::vector<std::int8_t> narrow{63, -63};
  detail::Int8Op unsigned_source;
  detail::Int8Op signed_source;
  signed_source.signed_operands[0] = true;
  EXPECT_TRUE(detail::onednn::sums_are_exact(unsigned_source, narrow));
  const std::vector<std::int8_t> wide{127, -127};
  EXPECT_EQ(detail::onednn::sums_are_exact(unsigned_source, wide),
            detail::onednn::sums_are_exact(signed_source, narrow));
}

}  // namespace
}  // namespace attar::test::int8_test
