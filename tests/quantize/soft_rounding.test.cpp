// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>

#include <gtest/gtest.h>

#include "../golden/adaround.hpp"
#include <attar/quantize/soft_rounding.hpp>

namespace attar::detail::soft_rounding_test {
namespace {

TEST(SoftRounding, AgreesWithPyTorch) {
  for (std::size_t i = 0; i < golden::soft_v.size(); ++i) {
    const SoftRounding<double> found{golden::soft_v[i]};
    EXPECT_NEAR(found.share, golden::soft_share[i], 1e-14) << golden::soft_v[i];
    EXPECT_NEAR(found.slope, golden::soft_slope[i], 1e-14) << golden::soft_v[i];
    const SoftRounding<float> in_float{static_cast<float>(golden::soft_v[i])};
    EXPECT_NEAR(in_float.share, golden::soft_share[i], 1e-6);
  }
}

TEST(SoftRounding, HasAnInverse) {
  for (const double share : {0.0, 0.001, 0.3, 0.5, 0.99, 1.0}) {
    EXPECT_NEAR(SoftRounding<double>{SoftRounding<double>::inverse(share)}.share, share, 1e-14);
    EXPECT_TRUE(std::isfinite(SoftRounding<float>::inverse(static_cast<float>(share))));
  }
}

TEST(RoundingPenalty, AgreesWithPyTorch) {
  for (const golden::Penalty& expected : golden::penalties) {
    for (std::size_t i = 0; i < expected.value.size(); ++i) {
      const RoundingPenalty<double> found{golden::penalty_shares[i], expected.beta};
      EXPECT_NEAR(found.value, expected.value[i], 1e-14);
      EXPECT_NEAR(found.slope, expected.slope[i], 1e-13);
    }
  }
}

TEST(RoundingPenalty, IsNoneAtTheEndsAndMostInTheMiddle) {
  for (const double beta : {2.0, 20.0}) {
    EXPECT_EQ((RoundingPenalty<double>{0.0, beta}.value), 0);
    EXPECT_EQ((RoundingPenalty<double>{1.0, beta}.value), 0);
    EXPECT_EQ((RoundingPenalty<double>{0.5, beta}.value), 1);
    EXPECT_EQ((RoundingPenalty<double>{0.5, beta}.slope), 0);
  }
}

TEST(RoundingBeta, FallsAlongACosine) {
  for (std::size_t i = 0; i < golden::beta_steps.size(); ++i) {
    EXPECT_NEAR(rounding_beta(golden::beta_steps[i], 1000), golden::betas[i], 1e-12);
  }
  EXPECT_EQ(rounding_beta(0, 1), 20);
}

}  // namespace
}  // namespace attar::detail::soft_rounding_test
