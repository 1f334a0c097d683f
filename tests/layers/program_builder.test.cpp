// SPDX-License-Identifier: MIT
#include <array>
#include <string_view>

#include <gtest/gtest.h>

#include "../support/one_layer.hpp"
#include <attar/layers/program_builder.hpp>

namespace attar::test::program_builder_test {
namespace {

/// A layer of a user: x + a * hard_swish(x), with a learned number per channel that it calls "slope".
struct Custom {
  static constexpr std::string_view name = "Custom";

  static constexpr int emit(ProgramBuilder& builder, int input) {
    builder.begin_layer(name, input);
    const int channels = builder.shape(input).channels;
    const int swished = builder.activation(Activation::hard_swish, input);
    Op scale{.kind = OpKind::conv2d, .groups = channels};
    scale.weight = builder.parameter("slope", Role::weight, {channels, 1, 1, 1}, 4);
    const int scaled = builder.append(scale, {swished}, builder.shape(input));
    return builder.append({.kind = OpKind::add}, {input, scaled}, builder.shape(input));
  }
};

TEST(ProgramBuilder, TakesLayersOfUsers) {
  using Net = Sequential<Input<3, 4, 4>, Stack<Custom>, GlobalAvgPool, Linear<2>>;
  static_assert(Net::program.ops.size() == 5 && Net::program.ops[0].activation == Activation::hard_swish);
  EXPECT_EQ(parameter_lines(Net::program), (Lines{"0.0.slope 3x1x1x1", "2.weight 2x3", "2.bias 2"}));
  constexpr const LayerRow& row = Net::program.rows[0];
  static_assert(row.name == "Custom" && row.path.view() == "0.0" && row.parameters == 3);
  static_assert(row.multiply_adds == 3 * 16 && row.output == Shape{3, 4, 4});
  static_assert(Net::program.ops[2].layer == 0 && Net::program.ops[3].layer == 1);
}

TEST(ProgramBuilder, NumbersValuesInOrder) {
  constexpr auto numbers = [] {
    ProgramBuilder builder{Shape{3, 4, 4}};
    builder.begin_layer("A", 0);
    const int first = builder.activation(Activation::relu, 0);
    const int second = builder.activation(Activation::relu6, first);
    return std::array{first, second, builder.ops[1].operands[0], builder.ops[1].operand_count};
  }();
  static_assert(numbers == std::array{1, 2, 1, 1});
}

TEST(ProgramBuilder, IgnoresAllBehindTheFirstFault) {
  ProgramBuilder builder{Shape{3, 4, 4}};
  EXPECT_FALSE(builder.faulty());
  builder.begin_layer("A", 0);
  EXPECT_EQ(builder.fail(Fault::window_does_not_fit, 0), 0);
  builder.fail(Fault::branches_differ, 0);
  EXPECT_TRUE(builder.faulty());
  EXPECT_EQ(builder.diagnosis.fault, Fault::window_does_not_fit);
  EXPECT_EQ(builder.child<ReLU>(0, 0), 0);
  EXPECT_TRUE(builder.ops.empty());
}

TEST(ProgramBuilder, PathsEndWhereTheyBegan) {
  ProgramBuilder builder{Shape{3, 4, 4}};
  builder.child<Stack<ReLU, Stack<ReLU>>>("word", 0);
  EXPECT_EQ(builder.path.view(), "");
  EXPECT_EQ(builder.rows[1].path.view(), "word.1.0");
}

}  // namespace
}  // namespace attar::test::program_builder_test
