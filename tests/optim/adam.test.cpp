// SPDX-License-Identifier: MIT
#include <cmath>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "descent.hpp"
#include <attar/optim/adam.hpp>

namespace attar::adam_test {
namespace {

using namespace attar;
using namespace attar_test;

TEST(Adam, AgreesWithPyTorch) {
  expect_descent(Adam{.rate = 0.01}, golden::adam);
  expect_descent(Adam{.rate = 0.01,
                      .beta1 = 0.8,
                      .beta2 = 0.99,
                      .epsilon = 1e-6,
                      .weight_decay = 0.05,
                      .decay_norms_and_biases = false},
                 golden::adam_decay_spare);
}

TEST(AdamW, AgreesWithPyTorch) {
  expect_descent(AdamW{.rate = 0.01}, golden::adamw);
  expect_descent(AdamW{.rate = 0.01, .weight_decay = 0.5, .decay_norms_and_biases = false}, golden::adamw_spare);
}

TEST(Adam, TheFirstStepIsTheRateWhateverTheGradientsSize) {
  std::vector<double> parameters{0.0, 0.0};
  const std::vector<double> gradients{1000.0, -0.001};
  OptimizerState<double> state = initial_state<double>(Adam{}, 2);
  Adam{}.step(std::span{parameters}, gradients, state, 0.5);
  EXPECT_NEAR(parameters[0], -0.5, 1e-5);
  EXPECT_NEAR(parameters[1], 0.5, 1e-5);
}

TEST(Adam, ParametersWithoutGradientStay) {
  std::vector<float> parameters{0.0F, 3.0F};
  const std::vector<float> gradients{0.0F, 0.0F};
  OptimizerState<float> state = initial_state(Adam{}, 2);
  Adam{}.step(std::span{parameters}, gradients, state, 0.5);
  EXPECT_EQ(parameters, (std::vector<float>{0.0F, 3.0F}));
}

TEST(Adam, RefusesHyperparametersOutOfRange) {
  expect_refused(Adam{.rate = -0.1});
  expect_refused(Adam{.beta1 = 1.0});
  expect_refused(Adam{.beta2 = -0.5});
  expect_refused(Adam{.epsilon = 0.0});
  expect_refused(AdamW{.weight_decay = -1.0});
  expect_refused(AdamW{.beta2 = 1.0});
}

}  // namespace
}  // namespace attar::adam_test
