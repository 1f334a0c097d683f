// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include <attar/loss/standardized.hpp>

namespace attar::standardized_test {
namespace {

using attar::detail::Softening;

TEST(Standardized, DividesByTheDeviation) {
  const std::vector<double> logits{1.0, 3.0, 1.0, 3.0};
  EXPECT_DOUBLE_EQ((Softening<double, true>{std::span{logits}, 2.0}.divisor()), 2.0);
  const std::vector<float> wider{-4.0F, 4.0F};
  EXPECT_DOUBLE_EQ((Softening<float, true>{std::span{wider}, 2.0}.divisor()), 8.0);
}

TEST(Standardized, OtherwiseTheTemperatureIsAll) {
  const std::vector<double> logits{1.0, 5.0};
  std::vector<double> gradient{3.0, -3.0};
  const Softening<double, false> softening{std::span{logits}, 2.0};
  softening.back(gradient);
  EXPECT_EQ(softening.divisor(), 2.0);
  EXPECT_EQ(gradient, (std::vector<double>{3.0, -3.0}));
}

// What the gradient should be of sum_c g_c z_c, with z the z-scores.
TEST(Standardized, GradientGoesThroughTheZScores) {
  const std::vector<double> weights{1.0, -2.5, 0.5, 1.0};
  std::vector<double> logits{0.3, -1.2, 4.0, 0.9};
  const auto value = [&] {
    double mean = 0.0;
    double squares = 0.0;
    for (const double x : logits) mean += x / 4;
    for (const double x : logits) squares += (x - mean) * (x - mean) / 4;
    double sum = 0.0;
    for (std::size_t c = 0; c < 4; ++c) sum += weights[c] * (logits[c] - mean) / std::sqrt(squares);
    return sum;
  };
  std::vector<double> gradient = weights;
  Softening<double, true>{std::span<const double>{logits}, 7.0}.back(gradient);
  for (std::size_t c = 0; c < 4; ++c) {
    const double middle = logits[c];
    logits[c] = middle + 1e-5;
    const double above = value();
    logits[c] = middle - 1e-5;
    const double below = value();
    logits[c] = middle;
    EXPECT_NEAR(gradient[c], (above - below) / 2e-5, 1e-9);
  }
}

TEST(Standardized, EqualLogitsHaveNoGradient) {
  const std::vector<double> logits(7, 0.1);  // 7 * 0.1 is rounded; the deviation must be 0 all the same.
  const Softening<double, true> softening{std::span{logits}, 3.0};
  EXPECT_EQ(softening.divisor(), 3.0);
  std::vector<double> gradient{1, -1, 2, -2, 3, -3, 0};
  softening.back(gradient);
  EXPECT_EQ(gradient, std::vector<double>(7));
}

TEST(Standardized, NaNStaysNaN) {
  const std::vector<float> logits{1.0F, std::nanf(""), 2.0F};
  EXPECT_TRUE(std::isnan((Softening<float, true>{std::span{logits}, 1.0}.divisor())));
}

}  // namespace
}  // namespace attar::standardized_test
