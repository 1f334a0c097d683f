// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "../support/one_layer.hpp"
#include <attar/layers/residual.hpp>

namespace attar::test::residual_test {
namespace {

using Image = Input<4, 8, 8>;

TEST(Residual, AddsTheShortcut) {
  using Net = Sequential<Image, Residual<Stack<Conv2d<4>, ReLU>>>;
  static_assert(Net::output_shape == Shape{4, 8, 8});
  constexpr const Op& add = Net::program.ops.back();
  static_assert(add.kind == OpKind::add && add.operand_count == 2);
  static_assert(add.operands[0] == 2 && add.operands[1] == 0);
  constexpr const LayerRow& row = Net::program.rows.back();
  static_assert(row.name == "Add" && row.path.view() == "0" && row.parameters == 0);
}

TEST(Residual, NamesItsParameters) {
  using Net = Sequential<Image, Residual<Stack<Conv2d<6, Stride<2>>, ReLU, Conv2d<6>>, Conv2d<6, Stride<2>>>>;
  static_assert(Net::output_shape == Shape{6, 4, 4});
  EXPECT_EQ(parameter_lines(Net::program),
            (Lines{"0.main.0.weight 6x4x1x1", "0.main.2.weight 6x6x1x1", "0.shortcut.weight 6x4x1x1"}));
}

TEST(Residual, SaysWhichShapesDiffer) {
  constexpr const Diagnosis& found = diagnosis_of<Image, ReLU, Residual<Conv2d<6, Stride<2>>>>;
  static_assert(found.fault == Fault::branches_differ && found.path.view() == "1");
  static_assert(found.input == Shape{6, 4, 4} && found.other == Shape{4, 8, 8});
}

TEST(Residual, TellsAFaultInsideOnly) {
  constexpr const Diagnosis& found = diagnosis_of<Image, Residual<Conv2d<6, Groups<3>>, MaxPool2d<20>>>;
  static_assert(found.fault == Fault::groups_do_not_divide && found.path.view() == "0.main");
}

}  // namespace
}  // namespace attar::test::residual_test
