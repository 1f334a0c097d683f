// SPDX-License-Identifier: MIT
#include <cmath>

#include <gtest/gtest.h>

#include <attar/backend/peak.hpp>

namespace attar::peak_test {
namespace {

TEST(Peak, IsMeasuredForWhatTheCpuHas) {
  for (const char* precision : {"fp32", "int8"}) {
    const double peak = peak_multiply_adds_per_ns(precision);
    EXPECT_GT(peak, 0) << precision;
    EXPECT_TRUE(std::isfinite(peak)) << precision;
  }
#if defined(__AVX512BF16__)
  EXPECT_GT(peak_multiply_adds_per_ns("bf16"), 0);
#else
  EXPECT_EQ(peak_multiply_adds_per_ns("bf16"), 0);
#endif
}

TEST(Peak, IsNothingForOtherPrecisions) {
  EXPECT_EQ(peak_multiply_adds_per_ns("fp64"), 0);
  EXPECT_EQ(peak_multiply_adds_per_ns("int8 to fp32"), 0);
}

}  // namespace
}  // namespace attar::peak_test
