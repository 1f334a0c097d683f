// SPDX-License-Identifier: MIT
#include <algorithm>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "../golden_case.hpp"
#include <attar/prune/criteria/random.hpp>

namespace attar::random_test {
namespace {

static_assert(FilterCriterion<Random<>> && WeightCriterion<Random<>>);

template <class Criterion>
std::vector<double> filters(std::size_t number) {
  std::vector<double> scores(8);
  Criterion::filters(LayerEvidence<float>{.filters = 8, .number = number}, std::span{scores});
  return scores;
}

TEST(Random, DependsOnSeedAndLayerAlone) {
  EXPECT_EQ(filters<Random<1>>(5), filters<Random<1>>(5));
  EXPECT_NE(filters<Random<1>>(5), filters<Random<1>>(6));
  EXPECT_NE(filters<Random<1>>(5), filters<Random<2>>(5));
}

TEST(Random, ScoresAreInTheUnitInterval) {
  std::vector<double> scores(1000);
  Random<3>::weights(LayerEvidence<float>{}, std::span{scores});
  const auto [low, high] = std::ranges::minmax(scores);
  EXPECT_GE(low, 0);
  EXPECT_LT(high, 1);
  EXPECT_NEAR(std::accumulate(scores.begin(), scores.end(), 0.0) / 1000, 0.5, 0.05);
}

}  // namespace
}  // namespace attar::random_test
