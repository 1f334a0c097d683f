// SPDX-License-Identifier: MIT
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "../../support/int8_steps.hpp"
#include <attar/backend/kernels/int8_depthwise_step.hpp>

namespace attar::test::int8_depthwise_step_test {
namespace {

TEST(Int8DepthwiseStep, IsExactlyThePlainInterpreter) {
  Rng rng{Seed{1}};
  const auto below = [&](int bound) { return static_cast<int>(rng.below(static_cast<std::uint32_t>(bound))); };
  for (std::uint64_t i = 0; i < 150; ++i) {
    SCOPED_TRACE(i);
    const int kernel = 3 + 2 * below(2);
    const int stride = 1 + below(2);
    detail::Int8Op op;
    op.op.kind = OpKind::conv2d;
    op.op.operand_count = 1;
    op.in = {std::array{1, 3, 16, 20, 33, 70}[rng.below(6)], 5 + below(9), 5 + below(9)};
    op.op.groups = op.in.channels;
    op.op.window = {.kernel = {kernel, kernel}, .stride = {stride, stride}, .padding = {below(3), below(3)}};
    const Extent out = op.op.window.output(op.in);
    op.out = {op.in.channels, out.height, out.width};
    op.signed_operands[0] = below(2) == 1;
    op.signed_output = below(2) == 1;
    if (below(2) == 1) {
      op.op.residual = 1;
      op.signed_residual = below(2) == 1;
      op.residual_multiplier = detail::short_multiplier(0.3 + rng.uniform());
    }
    std::vector<std::int8_t> weights(static_cast<std::size_t>(op.in.channels * kernel * kernel));
    for (std::int8_t& weight : weights) weight = static_cast<std::int8_t>(below(255) - 127);
    fill_multipliers(op, 9000.0 * kernel, rng);
    if (below(3) > 0) {
      op.activation = below(2) == 1 ? detail::Int8Activation::clip : detail::Int8Activation::hard_swish;
      op.limit = below(2) == 1 ? 77.7F : std::numeric_limits<float>::infinity();
      op.slope = 0.0123F;
    }
    fill_zero_points(op, rng);
    ASSERT_TRUE(detail::Int8DepthwiseStep::handles(op));
    const int batch = 1 + static_cast<int>(i % 3);
    expect_exact_step(op, batch, weights, detail::Int8DepthwiseStep{op, batch, weights}, Seed{i});
  }
}

TEST(Int8DepthwiseStep, LeavesUnusualOnesToOthers) {
  detail::Int8Op op;
  op.op.kind = OpKind::conv2d;
  op.op.window = {.kernel = {3, 3}};
  op.in = op.out = {4, 8, 8};
  EXPECT_FALSE(detail::Int8DepthwiseStep::handles(op));
  op.op.groups = 4;
  EXPECT_TRUE(detail::Int8DepthwiseStep::handles(op));
  op.op.window.dilation = {2, 2};
  EXPECT_FALSE(detail::Int8DepthwiseStep::handles(op));
  op.op.window = {.kernel = {3, 5}};
  EXPECT_FALSE(detail::Int8DepthwiseStep::handles(op));
}

}  // namespace
}  // namespace attar::test::int8_depthwise_step_test
