// SPDX-License-Identifier: MIT
#include <array>

#include <gtest/gtest.h>

#include "../golden_case.hpp"
#include <attar/prune/criteria/movement.hpp>

namespace attar::movement_test {
namespace {

static_assert(WeightCriterion<Movement> && !FilterCriterion<Movement> && Movement::needs == Needs::trajectory);

TEST(Movement, IsWhatWasRecorded) {
  const std::array<float, 2> weights{5, 5};
  const std::array<float, 2> movement{-3, 0.5F};
  std::array<double, 2> scores{};
  const LayerEvidence<float> layer{.weights = weights, .filters = 1, .movement = movement};
  Movement::weights(layer, std::span<double>{scores});
  EXPECT_EQ(scores, (std::array<double, 2>{-3, 0.5}));
}

}  // namespace
}  // namespace attar::movement_test
