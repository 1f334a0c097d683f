// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "../support/one_layer.hpp"
#include <attar/layers/concat.hpp>

namespace attar::test::concat_test {
namespace {

using Image = Input<4, 8, 8>;

TEST(Concat, JoinsTheChannels) {
  using Net = Sequential<Image, Concat<Stack<>, Conv2d<3>, Stack<Conv2d<2>, ReLU>>>;
  static_assert(Net::output_shape == Shape{9, 8, 8});
  constexpr const Op& op = Net::program.ops.back();
  static_assert(op.kind == OpKind::concat && op.operand_count == 3 && op.operands[0] == 0);
  static_assert(Net::program.rows.back().name == "Concat");
  EXPECT_EQ(parameter_lines(Net::program), (Lines{"0.1.weight 3x4x1x1", "0.2.0.weight 2x4x1x1"}));
  static_assert(output_of<Image, Concat<Conv2d<3>>> == Shape{3, 8, 8});
}

TEST(Concat, SaysWhichExtentsDiffer) {
  constexpr const Diagnosis& found = diagnosis_of<Image, Concat<Stack<>, Conv2d<3>, Conv2d<3, Stride<1, 2>>>>;
  static_assert(found.fault == Fault::concat_extents_differ);
  static_assert(found.input == Shape{4, 8, 8} && found.other == Shape{3, 8, 4});
}

}  // namespace
}  // namespace attar::test::concat_test
