// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "descent.hpp"
#include <attar/optim/sgd.hpp>

namespace attar::sgd_test {
namespace {

using namespace attar;
using namespace attar_test;

TEST(Sgd, AgreesWithPyTorch) {
  expect_descent(Sgd{.rate = 0.1}, golden::sgd);
  expect_descent(Sgd{.rate = 0.1, .weight_decay = 0.05}, golden::sgd_decay);
}

TEST(Sgd, AgreesWithPyTorchWithMomentum) {
  expect_descent(Sgd{.rate = 0.1, .momentum = 0.9, .weight_decay = 0.05}, golden::sgd_momentum);
  expect_descent(Sgd{.rate = 0.1, .momentum = 0.9, .nesterov = true, .weight_decay = 0.05}, golden::sgd_nesterov);
}

TEST(Sgd, AgreesWithPyTorchWhereOnlyWeightsDecay) {
  expect_descent(
      Sgd{.rate = 0.1, .momentum = 0.9, .nesterov = true, .weight_decay = 0.05, .decay_norms_and_biases = false},
      golden::sgd_nesterov_spare);
}

TEST(Sgd, TakesFloatLiterals) {
  const Sgd sgd{.rate = 0.1f, .momentum = 0.9f};
  EXPECT_FLOAT_EQ(static_cast<float>(sgd.momentum), 0.9F);
}

TEST(Sgd, RefusesHyperparametersOutOfRange) {
  expect_refused(Sgd{.rate = -0.1});
  expect_refused(Sgd{.momentum = 1.0});
  expect_refused(Sgd{.momentum = -0.1});
  expect_refused(Sgd{.nesterov = true});
  expect_refused(Sgd{.weight_decay = -1.0});
  expect_refused(Sgd{.rate = std::nan("")});
}

}  // namespace
}  // namespace attar::sgd_test
