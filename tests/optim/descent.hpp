// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "../golden/optimizers.hpp"
#include <attar/optim/optimizer.hpp>

namespace attar_test {

/// The 20 steps of make_optimizers.py: 12 parameters, of which [2, 9) are weights.
template <class T, attar::Optimizer O>
std::vector<T> descend(const O& optimizer) {
  constexpr std::size_t size = 12;
  constexpr int steps = 20;
  const std::vector<attar::ParameterRange> weights{{2, 4}, {4, 9}};
  std::vector<T> parameters(size);
  std::vector<T> gradients(size);
  for (std::size_t i = 0; i < size; ++i) parameters[i] = static_cast<T>(std::cos(static_cast<double>(i)));
  attar::OptimizerState<T> state = attar::initial_state<T>(optimizer, size);
  for (int step = 0; step < steps; ++step) {
    for (std::size_t i = 0; i < size; ++i) {
      gradients[i] =
          static_cast<T>(0.3 * static_cast<double>(parameters[i]) + std::sin(3.0 * static_cast<double>(i) + step));
    }
    optimizer.step(std::span{parameters}, gradients, state, optimizer.rate * (1.0 - step / (2.0 * steps)), weights);
  }
  return parameters;
}

/// Holds 20 steps against PyTorch's, in double and in float.
template <attar::Optimizer O>
void expect_descent(const O& optimizer, const golden::Numbers& expected) {
  const std::vector<double> exact = descend<double>(optimizer);
  const std::vector<float> rounded = descend<float>(optimizer);
  ASSERT_EQ(exact.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(exact[i], expected[i], 1e-12) << "number " << i;
    EXPECT_NEAR(static_cast<double>(rounded[i]), expected[i], 2e-6) << "number " << i;
  }
}

/// An optimizer with a hyperparameter out of range is refused before its first step.
template <attar::Optimizer O>
void expect_refused(const O& optimizer) {
  try {
    (void)attar::initial_state<float>(optimizer, 1);
    ADD_FAILURE() << "no error";
  } catch (const attar::Error& error) {
    EXPECT_EQ(error.code(), attar::ErrorCode::invalid_argument) << error.what();
  }
}

}  // namespace attar_test
