// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "fusion_case.hpp"
#include <attar/distill/by_gate.hpp>
#include <attar/loss/log_softmax.hpp>

namespace attar::by_gate_test {
namespace {

using test::FusionCase;

/// The gate's own loss.
double mixture_loss(const FusionCase& c, FusionState& state) {
  const std::vector<double> weights = c.weigh(state);
  double loss = 0;
  for (std::size_t image = 0; image < c.batch; ++image) {
    double probability = 0;
    for (std::size_t k = 0; k < c.teachers(); ++k) {
      probability += weights[k * c.batch + image] *
                     LogSoftmax{c.views()[k].row(image)}.probability(static_cast<std::size_t>(c.labels[image]));
    }
    loss -= std::log(probability);
  }
  return loss / static_cast<double>(c.batch);
}

TEST(ByGate, AgreesWithPyTorch) {
  for (const golden::Fusion& golden : golden::fusions) {
    ByGate::State state{golden.teachers, golden.classes, Seed{}};
    ASSERT_EQ(state.parameters().size(), golden.gate_parameters.size());
    std::ranges::copy(golden.gate_parameters, state.parameters().begin());
    const FusionCase c{golden};
    test::expect_all_near<double>(c.weigh(state), golden.by_gate, 1e-12);
    test::expect_all_near<float>(state.gradients(), golden.gate_gradients, 1e-7);
  }
}

TEST(ByGate, BeginsWithEqualWeights) {
  test::expect_a_weighting<ByGate>();
  for (const double weight : test::random_fusion_case(4, 3, 5, 1).weigh<ByGate>()) EXPECT_DOUBLE_EQ(weight, 0.25);
}

TEST(ByGate, WeightsOfATrainedGateSumToOne) {
  const FusionCase c = test::random_fusion_case(3, 50, 5, 1);
  ByGate::State state{3, 5, Seed{}};
  Rng rng{Seed{2}};
  for (float& parameter : state.parameters()) parameter = 30 * rng.normal();
  const std::vector<double> weights = c.weigh(state);
  for (std::size_t image = 0; image < c.batch; ++image) {
    double sum = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      EXPECT_GE(weights[k * c.batch + image], 0);
      sum += weights[k * c.batch + image];
    }
    EXPECT_NEAR(sum, 1, 1e-12);
  }
}

TEST(ByGate, GradientIsThatOfItsLoss) {
  const FusionCase c = test::random_fusion_case(3, 6, 4, 7, 2);
  ByGate::State state{3, 4, Seed{}};
  constexpr float step = 0x1p-10F;
  Rng rng{Seed{3}};
  // Multiples of the step, so that floats hold every number of the differences exactly.
  for (float& parameter : state.parameters()) parameter = std::round(rng.normal() / step) * step;
  mixture_loss(c, state);
  const std::vector<float> gradient(state.gradients().begin(), state.gradients().end());
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    float& parameter = state.parameters()[i];
    const float before = parameter;
    parameter = before + step;
    const double above = mixture_loss(c, state);
    parameter = before - step;
    const double below = mixture_loss(c, state);
    parameter = before;
    EXPECT_NEAR(static_cast<double>(gradient[i]), (above - below) / (2 * static_cast<double>(step)), 1e-6) << i;
  }
}

// Each teacher knows half of the classes and guesses a wrong one, half sure, for the others.
FusionCase specialists(std::size_t batch, std::uint64_t seed) {
  FusionCase c = test::random_fusion_case(2, batch, 4, seed, 0.3F);
  for (std::size_t image = 0; image < batch; ++image) {
    const auto label = static_cast<std::size_t>(c.labels[image]);
    const std::size_t expert = label / 2;
    c.teacher_logits[expert][image * 4 + label] += 4;
    c.teacher_logits[1 - expert][image * 4 + (label + 1) % 4] += 2;
  }
  return c;
}

TEST(ByGate, LearnsWhichTeacherIsRightOnWhichImages) {
  const FusionCase c = specialists(200, 1);
  ByGate::State state{2, 4, Seed{}};
  const double before = mixture_loss(c, state);
  for (int step = 0; step < 300; ++step) {
    static_cast<void>(c.weigh(state));
    for (std::size_t i = 0; i < state.parameters().size(); ++i) state.parameters()[i] -= 2 * state.gradients()[i];
  }
  EXPECT_LT(mixture_loss(c, state), 0.5 * before);

  const FusionCase others = specialists(200, 2);
  const std::vector<double> weights = others.weigh(state);
  std::size_t right = 0;
  for (std::size_t image = 0; image < others.batch; ++image) {
    const std::size_t expert = static_cast<std::size_t>(others.labels[image]) / 2;
    right += static_cast<std::size_t>(weights[expert * others.batch + image] > 0.5);
  }
  EXPECT_GT(right, 190);
}

TEST(ByGate, ALabelThatAllRuleOutTeachesNothing) {
  constexpr float never = -std::numeric_limits<float>::infinity();
  FusionCase c{2, 1, 2};
  c.teacher_logits = {{never, 0}, {never, 1}};
  ByGate::State state{2, 2, Seed{}};
  state.parameters()[0] = 1;
  static_cast<void>(c.weigh(state));
  for (const float x : state.gradients()) EXPECT_NEAR(x, 0, 1e-7F);
}

TEST(ByGate, RefusesALabelThatIsNoClass) {
  FusionCase c{2, 1, 3};
  for (const std::int32_t label : {-1, 3}) {
    c.labels = {label};
    EXPECT_THROW(static_cast<void>(c.weigh<ByGate>()), Error);
  }
}

TEST(ByGate, NaNStaysNaN) {
  FusionCase c{2, 1, 2};
  c.teacher_logits[0][0] = std::numeric_limits<float>::quiet_NaN();
  for (const double weight : c.weigh<ByGate>()) EXPECT_TRUE(std::isnan(weight));
}

}  // namespace
}  // namespace attar::by_gate_test
