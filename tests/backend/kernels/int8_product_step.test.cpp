// SPDX-License-Identifier: MIT
#include <cstdint>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "../../support/int8_steps.hpp"
#include <attar/backend/kernels/int8_product_step.hpp>

namespace attar::test::int8_product_step_test {
namespace {

TEST(Int8ProductStep, IsExactlyThePlainInterpreter) {
  Rng rng{Seed{1}};
  const auto below = [&](int bound) { return static_cast<int>(rng.below(static_cast<std::uint32_t>(bound))); };
  for (std::uint64_t i = 0; i < 150; ++i) {
    SCOPED_TRACE(i);
    detail::Int8Op op;
    op.op.kind = i % 6 == 0 ? OpKind::linear : OpKind::conv2d;
    op.op.operand_count = 1;
    op.in = {std::array{1, 3, 4, 16, 20, 70}[rng.below(6)], 5 + below(6), 5 + below(6)};
    int outputs = std::array{1, 3, 8, 16, 33, 520}[rng.below(6)];
    if (op.op.kind == OpKind::linear) {
      op.in = {op.in.channels * 7};
    } else {
      op.op.window = {.kernel = {1 + below(3), 1 + below(3)},
                      .stride = {1 + below(2), 1 + below(2)},
                      .padding = {below(2), below(3)},
                      .dilation = {1 + below(2), 1 + below(2)}};
      if (below(4) == 0) {
        op.op.groups = op.in.channels;
        outputs = op.in.channels * (1 + below(2));
      }
    }
    const Extent out = op.op.window.output(op.in);
    op.out = {outputs, out.height, out.width};
    op.signed_operands[0] = below(2) == 1;
    op.signed_output = below(2) == 1;
    op.float_output = below(4) == 0;
    if (!op.float_output && below(2) == 1) {
      op.op.residual = 1;
      op.signed_residual = below(2) == 1;
      op.residual_multiplier = detail::short_multiplier(0.3 + rng.uniform());
    }
    const Extent kernel = op.op.window.kernel;
    const int depth = op.in.channels / op.op.groups * kernel.height * kernel.width;
    std::vector<std::int8_t> weights(static_cast<std::size_t>(outputs * depth));
    for (std::int8_t& weight : weights) weight = static_cast<std::int8_t>(below(255) - 127);
    fill_multipliers(op, 9000.0 * std::sqrt(depth), rng);
    if (below(3) > 0) {
      op.activation = below(2) == 1 ? detail::Int8Activation::clip : detail::Int8Activation::hard_swish;
      op.limit = below(2) == 1 ? 77.7F : std::numeric_limits<float>::infinity();
      op.slope = 0.0123F;
    }
    fill_zero_points(op, rng);
    const int batch = 1 + static_cast<int>(i % 3);
    expect_exact_step(op, batch, weights, detail::Int8ProductStep{op, batch, weights}, Seed{i});
  }
}

// The largest sums that the widest layers can have must not overflow.
TEST(Int8ProductStep, HoldsTheLargestSums) {
  detail::Int8Op op;
  op.op.kind = OpKind::linear;
  op.op.operand_count = 1;
  op.in = {4096};
  op.out = {1};
  op.multiplier = {1};
  op.offset = {0};
  op.float_output = true;
  const std::vector<std::int8_t> weights(4096, -127);
  const detail::Int8ProductStep step{op, 1, weights};
  const std::vector<std::byte> bytes(4096, std::byte{255});
  std::vector<std::byte> scratchpad(step.scratchpad_bytes());
  float logit = 0;
  detail::StepPointers pointers;
  pointers.inputs[0] = bytes.data();
  pointers.output = reinterpret_cast<std::byte*>(&logit);
  pointers.scratchpad = scratchpad.data();
  auto binding = step.bind(pointers);
  step.execute(binding);
  EXPECT_EQ(logit, -255.0F * 127 * 4096);
}

}  // namespace
}  // namespace attar::test::int8_product_step_test
