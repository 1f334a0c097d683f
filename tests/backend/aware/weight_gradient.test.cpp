// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/aware/weight_gradient.hpp>
#include <attar/model/quantization_aware.hpp>

namespace attar::detail {
namespace {

using Net = Sequential<Input<3, 1, 1>, Linear<2>>;

/// Two filters of three weights, each with a limit of 7 and so a step of 1. The last weight is clipped.
template <class Rule, class... Options>
std::vector<float> gradients_of(std::size_t limits) {
  Network<QuantizationAware<Net, Int8<WeightBits<4>, Options...>, Rule>> network;
  network.tensor("0.weight")[0] = 1.25F;
  network.tensor("0.weight")[4] = -3.5F;
  network.tensor("0.weight")[5] = 9;
  for (float& limit : network.tensor("0.weight_limit")) limit = 7;
  Quantizers quantizers{network.program};
  quantizers.update(network.buffer());
  auto gradients = network;
  for (float& g : gradients.tensor("0.weight")) g = 2;
  WeightGradient{network.program, 0}.write(quantizers, network.buffer().data(), 0.5F, gradients.buffer().data());
  std::vector<float> result{gradients.tensor("0.weight").begin(), gradients.tensor("0.weight").end()};
  for (std::size_t i = 0; i < limits; ++i) result.push_back(gradients.tensor("0.weight_limit")[i]);
  return result;
}

TEST(WeightGradient, IsThatOfLearnedSteps) {
  // g = 1; a filter's step: g (q - y) inside, g q outside; times sqrt(7 levels / 3 weights).
  const float factor = std::sqrt(7.0F / 3.0F);
  EXPECT_EQ(gradients_of<LearnedStep>(2),
            (std::vector<float>{1, 1, 1, 1, 1, 0, -0.25F * factor, (-4 + 3.5F + 7) * factor}));
}

TEST(WeightGradient, JoinsTheFiltersOfOneStep) {
  const float factor = std::sqrt(7.0F / 6.0F);
  EXPECT_EQ((gradients_of<LearnedStep, PerTensor>(1)), (std::vector<float>{1, 1, 1, 1, 1, 0, 6.25F * factor}));
}

TEST(WeightGradient, PassesAllWhereLimitsFollow) {
  // Steps are 1.25 / 7 and 9 / 7 then.
  const std::vector<float> found = gradients_of<StraightThrough>(0);
  for (std::size_t i = 0; i < 6; ++i) EXPECT_FLOAT_EQ(found[i], i < 3 ? 7 / 1.25F : 7.0F / 9) << i;
}

/// Learns from clipping alone.
struct Clipping {
  static constexpr LimitRule weights = LimitRule::learn_clip;
  static constexpr LimitRule activations = LimitRule::keep;
};
/// Learns nothing.
struct Keeping {
  static constexpr LimitRule weights = LimitRule::keep;
  static constexpr LimitRule activations = LimitRule::keep;
};

TEST(WeightGradient, TakesRulesOfOnesOwn) {
  EXPECT_EQ(gradients_of<Clipping>(2), (std::vector<float>{1, 1, 1, 1, 1, 0, 0, 1}));
  EXPECT_EQ(gradients_of<Keeping>(0), (std::vector<float>{1, 1, 1, 1, 1, 0}));
}

}  // namespace
}  // namespace attar::detail
