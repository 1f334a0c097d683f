// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "../support/one_layer.hpp"
#include <attar/layers/conv2d.hpp>

namespace attar::test::conv2d_test {
namespace {

using Image = Input<4, 9, 10>;

TEST(Conv2d, ShapesAreThoseOfPyTorch) {
  static_assert(output_of<Image, Conv2d<6>> == Shape{6, 9, 10});
  static_assert(output_of<Image, Conv2d<6, Kernel<3>>> == Shape{6, 9, 10});
  static_assert(output_of<Image, Conv2d<6, Kernel<5, 7>>> == Shape{6, 9, 10});
  static_assert(output_of<Image, Conv2d<6, Kernel<3>, Padding<0>>> == Shape{6, 7, 8});
  static_assert(output_of<Image, Conv2d<6, Kernel<3>, Stride<2>>> == Shape{6, 5, 5});
  static_assert(output_of<Image, Conv2d<6, Stride<2, 3>>> == Shape{6, 5, 4});
  static_assert(output_of<Image, Conv2d<6, Kernel<3>, Dilation<2>>> == Shape{6, 9, 10});
  static_assert(output_of<Image, Conv2d<6, Kernel<3>, Dilation<2>, Padding<0>>> == Shape{6, 5, 6});
  static_assert(output_of<Image, Conv2d<6, Kernel<2>>> == Shape{6, 8, 9});  // Half of a pixel is none.
  static_assert(output_of<Image, Conv2d<6, Kernel<9, 10>, Padding<0>>> == Shape{6, 1, 1});
}

TEST(Conv2d, TheOrderOfOptionsDoesNotMatter) {
  using One = Sequential<Image, Conv2d<6, Kernel<3>, Stride<2>, Groups<2>, Bias>>;
  using Other = Sequential<Image, Conv2d<6, Bias, Groups<2>, Stride<2>, Kernel<3>>>;
  static_assert(One::program.fingerprint == Other::program.fingerprint);
}

TEST(Conv2d, HasPyTorchsParameters) {
  EXPECT_EQ(parameter_lines(Sequential<Image, Conv2d<6, Kernel<3, 5>>>::program), (Lines{"0.weight 6x4x3x5"}));
  EXPECT_EQ(parameter_lines(Sequential<Image, Conv2d<6, Kernel<3>, Groups<2>, Bias>>::program),
            (Lines{"0.weight 6x2x3x3", "0.bias 6"}));
}

TEST(Conv2d, CountsItsCost) {
  constexpr LayerRow row = only_row<Sequential<Image, Conv2d<6, Kernel<3>, Stride<2>, Groups<2>, Bias>>>();
  static_assert(row.name == "Conv2d" && row.path.view() == "0");
  static_assert(row.parameters == 6 * 2 * 3 * 3 + 6);
  static_assert(row.multiply_adds == 6 * 5 * 5 * 2 * 3 * 3);
  static_assert(row.input == Shape{4, 9, 10} && row.output == Shape{6, 5, 5});
}

TEST(Conv2d, SaysWhatDoesNotFit) {
  static_assert(diagnosis_of<Image, Conv2d<0>>.fault == Fault::outputs_not_positive);
  static_assert(diagnosis_of<Image, Conv2d<6, Groups<3>>>.fault == Fault::groups_do_not_divide);
  static_assert(diagnosis_of<Image, Conv2d<5, Groups<2>>>.fault == Fault::groups_do_not_divide);
  static_assert(diagnosis_of<Image, Conv2d<6, Kernel<10>, Padding<0>>>.fault == Fault::window_does_not_fit);
  static_assert(diagnosis_of<Image, Conv2d<6, Kernel<5>, Dilation<3>, Padding<1>>>.fault == Fault::window_does_not_fit);
}

}  // namespace
}  // namespace attar::test::conv2d_test
