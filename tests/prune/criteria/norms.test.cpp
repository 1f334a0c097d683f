// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "../golden_case.hpp"
#include <attar/prune/criteria/norms.hpp>

namespace attar::norms_test {
namespace {

static_assert(WeightCriterion<L1Norm> && FilterCriterion<L1Norm> && L1Norm::needs == Needs::nothing);
static_assert(WeightCriterion<L2Norm> && FilterCriterion<L2Norm> && L2Norm::needs == Needs::nothing);

TEST(Norms, OfWeights) {
  test::expect_golden_weights<L1Norm>("l1");
  test::expect_golden_weights<L2Norm>("l2");
}

TEST(Norms, OfFilters) {
  test::expect_golden_filters<L1Norm>("l1");
  test::expect_golden_filters<L2Norm>("l2");
}

}  // namespace
}  // namespace attar::norms_test
