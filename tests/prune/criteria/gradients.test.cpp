// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "../golden_case.hpp"
#include <attar/prune/criteria/gradients.hpp>

namespace attar::gradients_test {
namespace {

static_assert(WeightCriterion<Taylor> && FilterCriterion<Taylor> && Taylor::needs == Needs::gradients);
static_assert(WeightCriterion<Snip> && FilterCriterion<Snip> && Snip::needs == Needs::gradients);
static_assert(WeightCriterion<OptimalBrainDamage> && FilterCriterion<OptimalBrainDamage>);

TEST(Taylor, AsInPyTorch) {
  test::expect_golden_weights<Taylor>("taylor");
  test::expect_golden_filters<Taylor>("taylor");
}

TEST(Snip, AsInPyTorch) {
  test::expect_golden_weights<Snip>("snip");
  test::expect_golden_filters<Snip>("snip");
}

TEST(OptimalBrainDamage, AsInPyTorch) {
  test::expect_golden_weights<OptimalBrainDamage>("brain_damage");
  test::expect_golden_filters<OptimalBrainDamage>("brain_damage");
}

}  // namespace
}  // namespace attar::gradients_test
