// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include <attar/core/rng.hpp>
#include <attar/quantize/entropy.hpp>
#include <attar/quantize/min_max.hpp>

namespace attar::entropy_test {
namespace {

ValueStatistics statistics_of(const std::vector<float>& numbers, std::size_t batch = 1000) {
  ValueStatistics statistics;
  for (std::size_t i = 0; i < numbers.size(); i += batch) {
    statistics.add(std::span{numbers}.subspan(i, std::min(batch, numbers.size() - i)));
  }
  return statistics;
}

std::vector<float> normal(std::size_t count, Seed seed) {
  Rng rng{seed};
  std::vector<float> numbers(count);
  for (float& x : numbers) x = rng.normal();
  return numbers;
}

TEST(Entropy, GivesUpARareOutlier) {
  std::vector<float> numbers = normal(20000, Seed{1});
  const float plain = Entropy::limit(statistics_of(numbers), 127);
  EXPECT_GT(plain, 2.5F);
  EXPECT_LE(plain, 5.0F);
  numbers.push_back(60);
  const float clipped = Entropy::limit(statistics_of(numbers), 127);
  EXPECT_LT(clipped, 10.0F);
  EXPECT_EQ(MinMax::limit(statistics_of(numbers), 127), 60.0F);
}

TEST(Entropy, KeepsAUniformDistributionWhole) {
  Rng rng{Seed{2}};
  std::vector<float> numbers(50000);
  for (float& x : numbers) x = 3 * rng.uniform();
  EXPECT_GT(Entropy::limit(statistics_of(numbers), 255), 2.9F);
}

TEST(Entropy, DoesNotDependOnBatches) {
  const std::vector<float> numbers = normal(5000, Seed{3});
  const float limit = Entropy::limit(statistics_of(numbers, 5000), 127);
  for (const std::size_t batch : {std::size_t{1}, std::size_t{13}, std::size_t{999}}) {
    EXPECT_EQ(Entropy::limit(statistics_of(numbers, batch), 127), limit);
  }
}

TEST(Entropy, DoesNotDependOnTheUnit) {
  std::vector<float> numbers = normal(5000, Seed{3});
  const float limit = Entropy::limit(statistics_of(numbers), 127);
  for (float& x : numbers) x *= 1024;
  EXPECT_EQ(Entropy::limit(statistics_of(numbers), 127), 1024 * limit);
}

TEST(Entropy, IgnoresZeros) {
  std::vector<float> numbers = normal(5000, Seed{4});
  const float limit = Entropy::limit(statistics_of(numbers), 255);
  numbers.resize(100000);
  EXPECT_EQ(Entropy::limit(statistics_of(numbers), 255), limit);
}

// What a black background becomes: the same number in more than half of all places.
TEST(Entropy, IsNotLedByAConstantBackground) {
  std::vector<float> numbers = normal(20000, Seed{5});
  const float limit = Entropy::limit(statistics_of(numbers), 255);
  numbers.resize(50000, 0.1234F);
  EXPECT_NEAR(Entropy::limit(statistics_of(numbers), 255), limit, 0.25F * limit);
}

TEST(Entropy, TakesConstantAndEmptyValues) {
  EXPECT_EQ(Entropy::limit(ValueStatistics{}, 127), 0.0F);
  EXPECT_EQ(Entropy::limit(statistics_of(std::vector<float>(100, -0.7F)), 127), 0.7F);
  EXPECT_EQ(Entropy::limit(statistics_of({1e-3F, 5.0F}), 127), 5.0F);
}

}  // namespace
}  // namespace attar::entropy_test
