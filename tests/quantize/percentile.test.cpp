// SPDX-License-Identifier: MIT
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include "../golden/calibrators.hpp"
#include <attar/quantize/percentile.hpp>

namespace attar::percentile_test {
namespace {

ValueStatistics statistics_of(const std::vector<float>& numbers) {
  ValueStatistics statistics;
  statistics.add(numbers);
  return statistics;
}

TEST(Percentile, AgreesWithSortedNumbers) {
  const ValueStatistics statistics = statistics_of(golden::images);
  // Between two neighbours of 480 sorted numbers any limit will do.
  EXPECT_NEAR((Percentile<90, 100>::limit(statistics, 127)), golden::ninety_percent, 0.02);
  EXPECT_NEAR((Percentile<99, 100>::limit(statistics, 127)), golden::ninety_nine_percent, 0.15);
}

TEST(Percentile, KeepsItsShareToABin) {
  std::vector<float> numbers;
  for (int i = 1; i <= 10000; ++i) numbers.push_back(static_cast<float>(i % 2 == 0 ? i : -i));
  const ValueStatistics statistics = statistics_of(numbers);
  EXPECT_NEAR((Percentile<9, 10>::limit(statistics, 127)), 9000, statistics.bin_width());
  EXPECT_NEAR((Percentile<9999, 10000>::limit(statistics, 127)), 9999, statistics.bin_width());
  EXPECT_EQ((Percentile<1, 1>::limit(statistics, 127)), 10000.0F);
}

TEST(Percentile, GivesUpARareOutlierAndIgnoresZeros) {
  std::vector<float> numbers(20000, 1.0F);
  numbers.push_back(60);
  EXPECT_LT((Percentile<9999, 10000>::limit(statistics_of(numbers), 255)), 1.1F);
  const float limit = Percentile<9, 10>::limit(statistics_of(golden::images), 255);
  std::vector<float> with_zeros = golden::images;
  with_zeros.resize(5000);
  EXPECT_EQ((Percentile<9, 10>::limit(statistics_of(with_zeros), 255)), limit);
}

TEST(Percentile, TakesConstantAndEmptyValues) {
  EXPECT_EQ((Percentile<99, 100>::limit(ValueStatistics{}, 127)), 0.0F);
  EXPECT_NEAR((Percentile<99, 100>::limit(statistics_of(std::vector<float>(100, -0.7F)), 127)), 0.7F, 1e-3);
}

}  // namespace
}  // namespace attar::percentile_test
