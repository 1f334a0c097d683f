// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include <attar/core/rng.hpp>
#include <attar/model/weight_limit.hpp>

namespace attar::detail::weight_limit_test {
namespace {

std::vector<float> normal_numbers(std::size_t count, std::uint64_t seed) {
  Rng rng{Seed{seed}};
  std::vector<float> numbers(count);
  for (float& number : numbers) number = rng.normal();
  return numbers;
}

/// As it is defined: every step is tried on every weight.
double plain_least_squares_step(const std::vector<float>& weights, int levels) {
  double largest = 0;
  for (const float weight : weights) largest = std::max(largest, std::abs(double{weight}));
  double least = std::numeric_limits<double>::infinity();
  double best = 0;
  for (int k = 128; k > 0; --k) {
    const double step = largest * k / (128 * levels);
    double error = 0;
    double products = 0;
    double squares = 0;
    for (const float weight : weights) {
      const double q = std::clamp(std::nearbyint(double{weight} / step), -double(levels), double(levels));
      error += std::pow(double{weight} - step * q, 2);
      products += double{weight} * q;
      squares += q * q;
    }
    if (error >= least) continue;
    least = error;
    best = products / squares;
  }
  return best;
}

TEST(WeightLimit, IsTheLargestMagnitude) {
  EXPECT_EQ(weight_limit(std::vector<float>{0.1F, -3, 2}, 127), 3);
  EXPECT_EQ(weight_limit(std::vector<float>{0.1F, -3, 2}, 63), 3);
}

TEST(WeightLimit, GivesDeadChannelsStepOne) {
  for (const int levels : {127, 7, 1}) {
    EXPECT_EQ(step_of(weight_limit(std::vector<float>(4), levels), levels), 1) << levels;
  }
}

TEST(WeightLimit, OfFewLevelsIsThatOfLeastSquaredError) {
  for (const int levels : {1, 3, 7}) {
    for (const std::size_t count : {1U, 2U, 9U, 144U, 1000U}) {
      const std::vector<float> weights = normal_numbers(count, count);
      const double expected = plain_least_squares_step(weights, levels) * levels;
      EXPECT_NEAR(weight_limit(weights, levels), expected, 1e-6 * expected) << count << " weights, " << levels;
    }
  }
}

TEST(WeightLimit, DoesNotCountNaN) {
  std::vector<float> weights = normal_numbers(50, 1);
  const float limit = weight_limit(weights, 7);
  weights.insert(weights.begin() + 20, std::numeric_limits<float>::quiet_NaN());
  EXPECT_EQ(weight_limit(weights, 7), limit);
  weights.push_back(std::numeric_limits<float>::infinity());
  EXPECT_EQ(weight_limit(weights, 7), std::numeric_limits<float>::infinity());
}

TEST(StepOf, HasAFiniteInverse) {
  EXPECT_EQ(step_of(254, 127), 2);
  EXPECT_TRUE(std::isfinite(1 / step_of(0, 127)));
}

}  // namespace
}  // namespace attar::detail::weight_limit_test
