// SPDX-License-Identifier: MIT
#include <cstdint>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "../../support/int8_steps.hpp"
#include <attar/backend/kernels/int8_step.hpp>

namespace attar::test::int8_step_test {
namespace {

detail::Int8Op random_operation(OpKind kind, Rng& rng) {
  const auto below = [&](int bound) { return static_cast<int>(rng.below(static_cast<std::uint32_t>(bound))); };
  detail::Int8Op op;
  op.op.kind = kind;
  op.op.operand_count = 1;
  op.in = {std::array{1, 3, 16, 33, 64, 600}[rng.below(6)], 1 + below(7), 1 + below(7)};
  op.out = op.in;
  for (bool& flag : op.signed_operands) flag = below(2) == 1;
  op.signed_output = below(2) == 1;
  op.signed_residual = below(2) == 1;
  for (float& multiplier : op.operand_multipliers) multiplier = detail::short_multiplier(0.2 + rng.uniform());
  switch (kind) {
    case OpKind::batch_norm:
      fill_multipliers(op, 255, rng);
      if (below(2) == 1) {
        op.op.residual = 1;
        op.residual_multiplier = detail::short_multiplier(0.3 + rng.uniform());
      }
      break;
    case OpKind::add:
      op.op.operand_count = 2;
      op.offset = {below(2) == 1 ? 0.0F : 3.3F};
      break;
    case OpKind::scale:
      op.op.operand_count = 2;
      op.offset = {below(2) == 1 ? 0.0F : 77.0F};
      op.operand_multipliers[0] = 0.01F * rng.uniform();
      break;
    case OpKind::concat:
      op.op.operand_count = 3;
      op.operand_channels = {op.in.channels, 5, 20};
      op.offset = {0, 3.3F, -20.1F};
      op.out.channels += 25;
      break;
    case OpKind::global_avg_pool:
      op.out = {op.in.channels};
      op.operand_multipliers[0] = 1.7F / static_cast<float>(op.in.pixels());
      op.offset = {below(2) == 1 ? 0.0F : -40.1F};
      break;
    case OpKind::max_pool:
    case OpKind::avg_pool: {
      op.op.window = {.kernel = {2 + below(2), 2 + below(2)}, .stride = {1 + below(2), 1 + below(2)}};
      op.op.window.padding = {below(2), below(2)};
      op.in.height += 3;
      op.in.width += 3;
      const Extent out = op.op.window.output(op.in);
      op.out = {op.in.channels, out.height, out.width};
      if (kind == OpKind::max_pool) op.signed_output = op.signed_operands[0];
      op.operand_multipliers[0] = 0.3F;
      op.offset = {below(2) == 1 ? 0.0F : -40.1F};
      break;
    }
    case OpKind::activation:
      for (std::int8_t& entry : op.table) entry = detail::byte_of(below(256));
      break;
    case OpKind::flatten:
      op.out = {static_cast<int>(op.in.size())};
      break;
    default:
      break;
  }
  const bool activates = kind == OpKind::batch_norm || kind == OpKind::add;
  if (activates && below(3) > 0) {
    op.activation = below(2) == 1 ? detail::Int8Activation::clip : detail::Int8Activation::hard_swish;
    op.limit = below(2) == 1 ? 77.7F : std::numeric_limits<float>::infinity();
    op.slope = 0.0123F;
    op.shift = 0.5F / 0.0123F;
  }
  fill_zero_points(op, rng);
  return op;
}

class Int8KernelStep : public ::testing::TestWithParam<OpKind> {};

TEST_P(Int8KernelStep, IsExactlyThePlainInterpreter) {
  Rng rng{Seed{static_cast<std::uint64_t>(GetParam())}};
  for (std::uint64_t i = 0; i < 60; ++i) {
    SCOPED_TRACE(i);
    const detail::Int8Op op = random_operation(GetParam(), rng);
    const int batch = 1 + static_cast<int>(i % 3);
    expect_exact_step(op, batch, {}, detail::Int8KernelStep{op, batch}, Seed{i});
  }
}

INSTANTIATE_TEST_SUITE_P(Operations, Int8KernelStep,
                         ::testing::Values(OpKind::batch_norm, OpKind::activation, OpKind::max_pool, OpKind::avg_pool,
                                           OpKind::global_avg_pool, OpKind::flatten, OpKind::add, OpKind::concat,
                                           OpKind::scale));

}  // namespace
}  // namespace attar::test::int8_step_test
