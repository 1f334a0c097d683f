// SPDX-License-Identifier: MIT
#include <set>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <attar/backend/step_description.hpp>

namespace attar::step_description_test {
namespace {

TEST(StepDescription, GivesEachOperationAName) {
  EXPECT_EQ(name_of(OpKind::conv2d), "conv2d");
  EXPECT_EQ(name_of(OpKind::scale), "scale");
  std::set<std::string_view> names;
  for (int kind = 0; kind <= static_cast<int>(OpKind::scale); ++kind) names.insert(name_of(static_cast<OpKind>(kind)));
  EXPECT_EQ(names.size(), static_cast<std::size_t>(OpKind::scale) + 1);
}

/// A 3x3 convolution, 8 channels of 4x4 to 16, with biases.
StepDescription convolution(const std::string& precision, bool float_output = false) {
  Op op{.kind = OpKind::conv2d, .operand_count = 1, .output = 1, .window = {.kernel = {3, 3}}, .bias = 1, .layer = 0};
  return detail::describe_step(op, precision, Shape{8, 4, 4}, Shape{16, 4, 4}, "", float_output);
}

TEST(StepDescription, CountsBytesInThePrecisionOfTheStep) {
  EXPECT_EQ(convolution("fp32").weight_bytes, 4U * (9 * 8 * 16 + 16));
  EXPECT_EQ(convolution("bf16").weight_bytes, 2U * 9 * 8 * 16 + 4 * 16);
  EXPECT_EQ(convolution("int8").weight_bytes, 9U * 8 * 16 + 8 * 16);
  EXPECT_EQ(convolution("fp32").activation_bytes, 4U * (8 * 16 + 16 * 16));
  EXPECT_EQ(convolution("int8").activation_bytes, 8U * 16 + 16 * 16);
  EXPECT_EQ(convolution("int8", true).activation_bytes, 8U * 16 + 4 * 16 * 16);
}

TEST(StepDescription, CountsWhatIsAddedAndJoined) {
  Op op{.kind = OpKind::add, .operand_count = 2, .output = 2, .layer = 0};
  const auto bytes = [&](const Shape& in, const Shape& out) {
    return detail::describe_step(op, "int8", in, out, "", false).activation_bytes;
  };
  EXPECT_EQ(bytes({8, 2, 2}, {8, 2, 2}), 3U * 32);
  op.kind = OpKind::concat;
  EXPECT_EQ(bytes({8, 2, 2}, {24, 2, 2}), 2U * 96);
  op.kind = OpKind::scale;
  EXPECT_EQ(bytes({8, 2, 2}, {8, 2, 2}), 2U * 32 + 8);
  op = {.kind = OpKind::conv2d, .operand_count = 1, .output = 1, .residual = 0, .layer = 0};
  EXPECT_EQ(bytes({8, 2, 2}, {8, 2, 2}), 3U * 32);
}

TEST(StepDescription, CountsBothSidesOfAConversion) {
  const Op op{.operand_count = 1, .output = 1};
  const StepDescription step = detail::describe_step(op, "int8 to fp32", {8, 2, 2}, {8, 2, 2}, "", false);
  EXPECT_EQ(step.weight_bytes, 0U);
  EXPECT_EQ(step.activation_bytes, 32U + 4 * 32);
}

}  // namespace
}  // namespace attar::step_description_test
