// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "../golden/calibrators.hpp"
#include <attar/quantize/squared_error.hpp>

namespace attar::squared_error_test {
namespace {

ValueStatistics statistics_of(const std::vector<float>& numbers) {
  ValueStatistics statistics;
  statistics.add(numbers);
  return statistics;
}

double squared_error(const std::vector<float>& numbers, double limit, int levels) {
  double sum = 0;
  for (const float x : numbers) {
    const double magnitude = std::abs(double{x});
    const double point = std::min(std::nearbyint(magnitude * levels / limit), double(levels));
    sum += std::pow(point * limit / levels - magnitude, 2);
  }
  return sum;
}

TEST(SquaredError, IsTheLeastThatAnyLimitGives) {
  const ValueStatistics statistics = statistics_of(golden::images);
  for (const auto& [levels, error] : golden::least_errors) {
    const float limit = SquaredError::limit(statistics, levels);
    // With 127 levels the width of a bin is not small against a step, and 480 numbers do not fill the bins.
    const double tolerance = levels == 127 ? 1.3 : 1.005;
    EXPECT_LE(squared_error(golden::images, double{limit}, levels), tolerance * error) << levels;
    EXPECT_GE(squared_error(golden::images, double{limit}, levels), 0.999 * error) << levels;
  }
}

TEST(SquaredError, GivesUpARareOutlier) {
  std::vector<float> numbers;
  for (int i = 1; i <= 100000; ++i) numbers.push_back(static_cast<float>(i) * 1e-5F);
  const float plain = SquaredError::limit(statistics_of(numbers), 7);
  EXPECT_GT(plain, 0.9F);
  numbers.push_back(10);
  EXPECT_LT(SquaredError::limit(statistics_of(numbers), 7), 2.0F);
}

TEST(SquaredError, DoesNotDependOnTheUnit) {
  std::vector<float> numbers = golden::images;
  const float limit = SquaredError::limit(statistics_of(numbers), 15);
  for (float& x : numbers) x *= 1024;
  EXPECT_EQ(SquaredError::limit(statistics_of(numbers), 15), 1024 * limit);
}

TEST(SquaredError, TakesConstantAndEmptyValues) {
  EXPECT_EQ(SquaredError::limit(ValueStatistics{}, 127), 0.0F);
  EXPECT_NEAR(SquaredError::limit(statistics_of(std::vector<float>(100, -0.7F)), 1), 0.7F, 1e-3);
  EXPECT_GT(SquaredError::limit(statistics_of(std::vector<float>(100, -0.7F)), 127), 0.0F);
  EXPECT_GT(SquaredError::limit(statistics_of({1e-45F}), 127), 0.0F);
}

}  // namespace
}  // namespace attar::squared_error_test
