// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "../support/one_layer.hpp"
#include <attar/layers/stack.hpp>

namespace attar::test::stack_test {
namespace {

using Image = Input<3, 8, 8>;

TEST(Stack, NamesItsLayersByTheirIndex) {
  using Net = Sequential<Image, Stack<Conv2d<4>, Stack<ReLU, Conv2d<5>>>, Conv2d<6>>;
  EXPECT_EQ(parameter_lines(Net::program), (Lines{"0.0.weight 4x3x1x1", "0.1.1.weight 5x4x1x1", "1.weight 6x5x1x1"}));
}

TEST(Stack, OfNothingIsTheIdentity) {
  using Net = Sequential<Image, Stack<>, Conv2d<4>, Identity>;
  static_assert(Net::program.ops.size() == 1 && Net::program.output == Net::program.ops[0].output);
  static_assert(Net::program.rows.size() == 1, "stacks are no rows of the table");
  static_assert(Sequential<Image>::program.output == 0 && Sequential<Image>::output_shape == Shape{3, 8, 8});
}

TEST(Repeat, GivesEachItsOwnParameters) {
  using Net = Sequential<Image, Repeat<3, Conv2d<3>>>;
  EXPECT_EQ(parameter_lines(Net::program), (Lines{"0.0.weight 3x3x1x1", "0.1.weight 3x3x1x1", "0.2.weight 3x3x1x1"}));
  static_assert(Sequential<Image, Repeat<0, Conv2d<3>>>::program.ops.empty());
  static_assert(Sequential<Image, Repeat<12, ReLU>>::program.rows[11].path.view() == "0.11");
}

}  // namespace
}  // namespace attar::test::stack_test
