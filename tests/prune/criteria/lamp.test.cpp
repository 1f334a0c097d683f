// SPDX-License-Identifier: MIT
#include <array>

#include <gtest/gtest.h>

#include "../golden_case.hpp"
#include <attar/prune/criteria/lamp.hpp>

namespace attar::lamp_test {
namespace {

static_assert(WeightCriterion<Lamp> && !FilterCriterion<Lamp>);

TEST(Lamp, AsInPyTorch) {
  test::expect_golden_weights<Lamp>("lamp");
}

TEST(Lamp, TheLargestWeightOfALayerHasOneAndZerosNothing) {
  const std::array<float, 4> weights{0, -2, 1, 0};
  std::array<double, 4> scores{};
  Lamp::weights(LayerEvidence<float>{.weights = weights, .filters = 1}, std::span<double>{scores});
  EXPECT_EQ(scores, (std::array<double, 4>{0, 1, 0.2, 0}));
}

TEST(Lamp, ALayerOfZerosHasNothing) {
  const std::array<float, 2> weights{};
  std::array<double, 2> scores{1, 1};
  Lamp::weights(LayerEvidence<float>{.weights = weights, .filters = 1}, std::span<double>{scores});
  EXPECT_EQ(scores, (std::array<double, 2>{0, 0}));
}

}  // namespace
}  // namespace attar::lamp_test
