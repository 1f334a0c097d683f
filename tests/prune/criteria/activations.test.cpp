// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "../golden_case.hpp"
#include <attar/prune/criteria/activations.hpp>

namespace attar::activations_test {
namespace {

static_assert(FilterCriterion<ZeroShare> && !WeightCriterion<ZeroShare>);
static_assert(FilterCriterion<MeanActivation> && !WeightCriterion<MeanActivation>);
static_assert(ZeroShare::needs == Needs::activations && MeanActivation::needs == Needs::activations);

TEST(ZeroShare, AsInPyTorch) {
  test::expect_golden_filters<ZeroShare>("zero_share");
}

TEST(MeanActivation, AsInPyTorch) {
  test::expect_golden_filters<MeanActivation>("mean_activation");
}

}  // namespace
}  // namespace attar::activations_test
