// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/aware/weight_gradient.hpp>
#include <attar/model/quantization_aware.hpp>
#include <attar/model/weight_limit.hpp>

namespace attar::detail::weight_gradient_test {
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
  const std::vector<float> found = gradients_of<StraightThrough>(0);
  const float steps[2] = {weight_limit(std::vector<float>{1.25F, 0, 0}, 7) / 7,
                          weight_limit(std::vector<float>{0, -3.5F, 9}, 7) / 7};
  EXPECT_LT(7 * steps[1], 9);  // So that the last weight is clipped.
  for (std::size_t i = 0; i < 6; ++i) EXPECT_FLOAT_EQ(found[i], 1 / steps[i / 3]) << i;
}

TEST(WeightGradient, HoldsWhatIsClippedAndWouldGrow) {
  Network<QuantizationAware<Sequential<Input<4, 1, 1>, Linear<1>>, Int8<WeightBits<2>>, StraightThrough>> network;
  std::ranges::copy(std::vector<float>{-1, -1, -1, -2}, network.tensor("0.weight").begin());
  Quantizers quantizers{network.program};
  quantizers.update(network.buffer());
  EXPECT_FLOAT_EQ(network.tensor("0.weight_limit")[0], 1.25F);  // -2 is 1.6 steps.
  for (const float g : {1.0F, -1.0F}) {
    auto gradients = network;
    for (float& of_weight : gradients.tensor("0.weight")) of_weight = g;
    WeightGradient{network.program, 0}.write(quantizers, network.buffer().data(), 1, gradients.buffer().data());
    for (std::size_t i = 0; i < 3; ++i) EXPECT_FLOAT_EQ(gradients.tensor("0.weight")[i], g / 1.25F);
    EXPECT_FLOAT_EQ(gradients.tensor("0.weight")[3], g > 0 ? 0 : g / 1.25F);
  }
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
}  // namespace attar::detail::weight_gradient_test
