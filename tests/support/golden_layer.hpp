// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>

#include <gtest/gtest.h>

#include "../golden/layers.hpp"
#include "gradient_check.hpp"
#include "plain_run.hpp"
#include <attar/model/sequential.hpp>

namespace attar::test {

/// Holds an architecture against what PyTorch makes of the same layers.
template <class A>
void check_golden(const golden::Layer& expected) {
  constexpr Tolerance printed{1e-10, 1e-11};
  constexpr const Program& program = A::program;
  ASSERT_EQ(program.parameters.size(), expected.parameters.size());
  Numbers parameters(program.buffer_size);
  const auto tensor = [](Numbers& buffer, std::size_t index) {
    return std::span{buffer}.subspan(program.parameters[index].offset, program.parameters[index].size);
  };
  for (std::size_t i = 0; i < expected.parameters.size(); ++i) {
    ASSERT_EQ(program.parameters[i].size, expected.parameters[i].size()) << program.parameters[i].name.view();
    std::ranges::copy(expected.parameters[i], tensor(parameters, i).begin());
  }
  PlainRun run{program, expected.batch};
  const Numbers& inference = expected.inference.empty() ? expected.output : expected.inference;
  expect_near(inference, run.infer(expected.input, parameters), "inference", printed);
  const Numbers fused = fused_inference(program, expected.input, parameters, expected.batch);
  expect_near(inference, fused, "fused inference", printed);

  expect_near(expected.output, run.forward(expected.input, parameters, 0), "output", printed);
  Numbers gradients = run.backward(expected.output_gradient, parameters, 0);
  expect_near(expected.input_gradient, run.value_gradients[0], "input gradient", printed);
  std::size_t next = 0;
  for (std::size_t i = 0; i < program.parameters.size(); ++i) {
    const std::string name{program.parameters[i].name.view()};
    if (!expected.parameters_after.empty()) {
      expect_near(expected.parameters_after[i], tensor(parameters, i), name + " afterwards", printed);
    }
    if (trainable(program.parameters[i].role)) {
      expect_near(expected.gradients[next++], tensor(gradients, i), name + " gradient", printed);
    }
  }
}

}  // namespace attar::test
