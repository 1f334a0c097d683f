// SPDX-License-Identifier: MIT
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/kernels/depthwise_step.hpp>
#include <attar/backend/reference/infer.hpp>
#include <attar/core/rng.hpp>
#include <attar/model/sequential.hpp>

namespace attar::test::depthwise_step_test {
namespace {

/// A depthwise convolution of `A` with a residual and an activation, against the plain loops.
template <class A>
void expect_near_plain_loops(Activation activation) {
  Rng rng{Seed{1}};
  constexpr int batch = 2;
  Op op = A::program.ops[0];
  op.activation = activation;
  op.residual = 0;  // Read from memory of its own.
  const OperationContext context{op, A::program, batch};
  std::vector<float> parameters(A::program.buffer_size);
  for (float& number : parameters) number = rng.normal();
  const auto numbers = [&](const Shape& shape) {
    std::vector<float> result(batch * shape.size());
    for (float& number : result) number = rng.normal();
    return result;
  };
  const std::vector<float> input = numbers(A::input_shape);
  const std::vector<float> residual = numbers(A::output_shape);
  std::vector<float> truth(residual.size());
  std::vector<float> found(residual.size());
  std::array<const float*, max_operands> inputs{input.data()};
  reference_infer<float, float>(context, inputs, residual.data(), parameters.data(), truth.data());
  ASSERT_TRUE(detail::DepthwiseStep::handles(context));
  const detail::DepthwiseStep step{context, parameters};
  detail::StepPointers pointers;
  pointers.inputs[0] = reinterpret_cast<const std::byte*>(input.data());
  pointers.residual = reinterpret_cast<const std::byte*>(residual.data());
  pointers.output = reinterpret_cast<std::byte*>(found.data());
  auto binding = step.bind(pointers);
  step.execute(binding);
  for (std::size_t i = 0; i < truth.size(); ++i) {
    EXPECT_NEAR(found[i], truth[i], 1e-5 * (1 + std::abs(truth[i])));
  }
}

TEST(DepthwiseStep, IsNearThePlainLoops) {
  using Three = Sequential<Input<20, 9, 7>, DepthwiseConv2d<Kernel<3>, Bias>>;
  using Five = Sequential<Input<5, 9, 12>, DepthwiseConv2d<Kernel<5>, Stride<2>>>;
  for (const Activation activation : {Activation::none, Activation::relu6, Activation::hard_swish}) {
    expect_near_plain_loops<Three>(activation);
    expect_near_plain_loops<Five>(activation);
  }
}

}  // namespace
}  // namespace attar::test::depthwise_step_test
