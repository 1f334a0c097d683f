// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include "../golden/calibrators.hpp"
#include <attar/core/rng.hpp>
#include <attar/quantize/aciq.hpp>

namespace attar::aciq_test {
namespace {

ValueStatistics statistics_of(const std::vector<float>& numbers) {
  ValueStatistics statistics;
  statistics.add(numbers);
  return statistics;
}

std::vector<float> normal(std::size_t count) {
  Rng rng{Seed{1}};
  std::vector<float> numbers(count);
  for (float& x : numbers) x = 2 * rng.normal();
  return numbers;
}

std::vector<float> laplace(std::size_t count) {
  Rng rng{Seed{2}};
  std::vector<float> numbers(count);
  for (float& x : numbers) x = (rng.below(2) == 0 ? -3.0F : 3.0F) * std::log(1 - rng.uniform());
  return numbers;
}

TEST(Aciq, FindsTheLeastOfTheFormulas) {
  for (const auto& [levels, of_laplace, of_normal] : golden::analytic_limits) {
    EXPECT_NEAR(Aciq::laplace_limit(levels), of_laplace, 1e-3) << levels;
    EXPECT_NEAR(Aciq::normal_limit(levels), of_normal, 1e-3) << levels;
  }
  // Banner 2019, section 3: 2.83, 3.89 and 5.03 mean magnitudes, or 1.71, 2.15 and 2.55 deviations, at 2, 3 and 4 bits.
  EXPECT_NEAR(Aciq::laplace_limit(2), 2.83, 0.005);
  EXPECT_NEAR(Aciq::laplace_limit(8), 5.03, 0.005);
  EXPECT_NEAR(Aciq::normal_limit(2), 1.71, 0.01);
  EXPECT_NEAR(Aciq::normal_limit(8), 2.55, 0.01);
}

TEST(Aciq, ChoosesTheDistributionByTheData) {
  EXPECT_NEAR(Aciq::limit(statistics_of(normal(50000)), 8), 2 * Aciq::normal_limit(8), 0.1);
  EXPECT_NEAR(Aciq::limit(statistics_of(laplace(50000)), 8), 3 * Aciq::laplace_limit(8), 0.3);
}

TEST(Aciq, TakesWhatIsBehindAReluForHalfADistribution) {
  for (std::vector<float> numbers : {normal(50000), laplace(50000)}) {
    const float whole = Aciq::limit(statistics_of(numbers), 8);
    for (float& x : numbers) x = x > 0 ? x : 0;
    EXPECT_NEAR(Aciq::limit(statistics_of(numbers), 8), whole, 0.03F * whole);
  }
}

TEST(Aciq, TakesConstantAndEmptyValues) {
  EXPECT_EQ(Aciq::limit(ValueStatistics{}, 127), 0.0F);
  EXPECT_EQ(Aciq::limit(statistics_of(std::vector<float>(100, -0.7F)), 127), 0.7F);
}

}  // namespace
}  // namespace attar::aciq_test
