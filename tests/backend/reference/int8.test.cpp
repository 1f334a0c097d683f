// SPDX-License-Identifier: MIT
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/reference.hpp>
#include <attar/backend/reference/int8.hpp>

namespace attar::detail::int8_test {
namespace {

/// Runs one step on operands given as bytes and returns its output.
std::vector<std::uint8_t> run(const Int8Op& op, const std::vector<std::int8_t>& weights,
                              const std::vector<std::vector<std::uint8_t>>& operands, std::size_t size,
                              const std::vector<std::uint8_t>& residual = {}) {
  const ReferenceInt8Step step{op, 1, weights};
  std::vector<std::uint8_t> output(size);
  StepPointers p;
  for (std::size_t k = 0; k < operands.size(); ++k)
    p.inputs[k] = reinterpret_cast<const std::byte*>(operands[k].data());
  if (!residual.empty()) p.residual = reinterpret_cast<const std::byte*>(residual.data());
  p.output = reinterpret_cast<std::byte*>(output.data());
  auto binding = step.bind(p);
  step.execute(binding);
  return output;
}

Int8Op operation(OpKind kind, Shape in, Shape out) {
  Int8Op op;
  op.op.kind = kind;
  op.op.operand_count = 1;
  op.in = in;
  op.out = out;
  return op;
}

TEST(ReferenceInt8, ConvolvesByHand) {
  Int8Op op = operation(OpKind::conv2d, {1, 2, 2}, {1, 2, 2});
  op.op.window = {.kernel = {3, 3}, .padding = {1, 1}};
  op.multiplier = {0.5F};
  op.offset = {1.25F};
  const std::vector<std::int8_t> weights{1, 2, 3, 4, 5, 6, 7, 8, 9};
  // Sums of products: 10*5 + 20*6 + 30*8 + 40*9 = 770 and so on; halved, plus 1.25, saturated to 255.
  EXPECT_EQ(run(op, weights, {{1, 2, 3, 4}}, 4), (std::vector<std::uint8_t>{40, 35, 25, 20}));
  EXPECT_EQ(run(op, weights, {{10, 20, 30, 40}}, 4), (std::vector<std::uint8_t>{255, 255, 236, 186}));
}

TEST(ReferenceInt8, PadsWithTheZeroPoint) {
  Int8Op op = operation(OpKind::conv2d, {1, 1, 2}, {1, 1, 2});
  op.op.window = {.kernel = {1, 3}, .padding = {0, 1}};
  op.zero_points[0] = 100;
  op.multiplier = {1};
  op.offset = {-100 * (1 + 2 + 3)};
  // The numbers are 4 and 1: 2 * 4 + 3 * 1 and 1 * 4 + 2 * 1.
  EXPECT_EQ(run(op, {1, 2, 3}, {{104, 101}}, 2), (std::vector<std::uint8_t>{11, 6}));
  op.op.kind = OpKind::avg_pool;
  op.operand_multipliers[0] = 1;
  op.offset = {-100 * 3 + 7};
  EXPECT_EQ(run(op, {}, {{104, 101}}, 2), (std::vector<std::uint8_t>{12, 12}));
}

TEST(ReferenceInt8, TakesZeroPointsOffBothFactorsOfAGate) {
  Int8Op op = operation(OpKind::scale, {2, 1, 1}, {2, 1, 1});
  op.op.operand_count = 2;
  op.zero_points = {100, 2};
  op.operand_multipliers[0] = 0.5F;
  op.offset = {50};
  // (90 - 100) * (6 - 2) / 2 + 50 and (103 - 100) * (3 - 2) / 2 + 50, rounded to even.
  EXPECT_EQ(run(op, {}, {{90, 103}, {6, 3}}, 2), (std::vector<std::uint8_t>{30, 52}));
}

TEST(ReferenceInt8, AddsTheZeroPointOfTheResultBehindTheActivation) {
  Int8Op op = operation(OpKind::linear, {1}, {2});
  op.signed_operands[0] = true;
  op.multiplier = {1, 1};
  op.offset = {0, 0};
  op.activation = Int8Activation::hard_swish;
  op.slope = 0.5F;
  op.result_zero = 3;
  EXPECT_EQ(run(op, {9, -9}, {{1}}, 2), (std::vector<std::uint8_t>{12, 3}));
}

TEST(ReferenceInt8, AddsTheResidualBeforeTheActivation) {
  Int8Op op = operation(OpKind::linear, {2}, {2});
  op.signed_operands[0] = true;
  op.signed_residual = true;
  op.multiplier = {1, 1};
  op.offset = {0, 0};
  op.op.residual = 1;
  op.residual_multiplier = 2;
  op.activation = Int8Activation::clip;
  op.limit = 20;
  // Channel 0: -3 + 4 + 2 * 3 = 7. Channel 1: 6 - 4 + 2 * 100 is clipped at 20.
  const auto byte = [](int q) { return static_cast<std::uint8_t>(q); };
  EXPECT_EQ(run(op, {1, 1, -2, -1}, {{byte(-3), 4}}, 2, {3, 100}), (std::vector<std::uint8_t>{7, 20}));
  EXPECT_EQ(run(op, {1, 1, -2, -1}, {{byte(-3), 4}}, 2, {byte(-3), byte(-2)}), (std::vector<std::uint8_t>{0, 0}));
}

TEST(ReferenceInt8, RoundsToNearestEven) {
  Int8Op op = operation(OpKind::concat, {6}, {6});
  op.operand_channels[0] = 6;
  op.operand_multipliers[0] = 0.5F;
  op.offset = {0};
  EXPECT_EQ(run(op, {}, {{1, 2, 3, 4, 5, 7}}, 6), (std::vector<std::uint8_t>{0, 1, 2, 2, 2, 4}));
}

TEST(ReferenceInt8, GivesFloatLogits) {
  Int8Op op = operation(OpKind::linear, {2}, {1});
  op.multiplier = {0.1F};
  op.offset = {-0.25F};
  op.float_output = true;
  const std::vector<std::uint8_t> bytes = run(op, {3, -100}, {{7, 11}}, sizeof(float));
  float logit = 0;
  std::memcpy(&logit, bytes.data(), sizeof(float));
  const volatile float product = -1079.0F * 0.1F;
  EXPECT_EQ(logit, product - 0.25F);
}

TEST(ReferenceInt8, PoolsWithoutThePadding) {
  Int8Op op = operation(OpKind::max_pool, {1, 2, 2}, {1, 2, 2});
  op.op.window = {.kernel = {2, 2}, .padding = {1, 1}};
  op.op.window.stride = {2, 2};
  op.signed_operands[0] = true;
  op.signed_output = true;
  const auto byte = [](int q) { return static_cast<std::uint8_t>(q); };
  EXPECT_EQ(run(op, {}, {{byte(-5), byte(-6), byte(-7), byte(-8)}}, 4),
            (std::vector<std::uint8_t>{byte(-5), byte(-6), byte(-7), byte(-8)}));
  op.op.kind = OpKind::avg_pool;
  op.operand_multipliers[0] = 0.25F;
  op.offset = {0};
  EXPECT_EQ(run(op, {}, {{byte(-8), byte(-16), 20, 12}}, 4), (std::vector<std::uint8_t>{byte(-2), byte(-4), 5, 3}));
}

TEST(ReferenceInt8, FlattensInTheOrderOfPyTorch) {
  const Int8Op op = operation(OpKind::flatten, {2, 1, 3}, {6});
  EXPECT_EQ(run(op, {}, {{1, 2, 3, 4, 5, 6}}, 6), (std::vector<std::uint8_t>{1, 3, 5, 2, 4, 6}));
}

}  // namespace
}  // namespace attar::detail::int8_test
