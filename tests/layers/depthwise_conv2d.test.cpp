// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "../support/one_layer.hpp"
#include <attar/layers/depthwise_conv2d.hpp>

namespace attar::test::depthwise_conv2d_test {
namespace {

using Image = Input<4, 9, 10>;

TEST(DepthwiseConv2d, IsAConvolutionWithAGroupPerChannel) {
  using Net = Sequential<Image, DepthwiseConv2d<Kernel<3>, Stride<2>, Bias>>;
  using Same = Sequential<Image, Conv2d<4, Kernel<3>, Stride<2>, Groups<4>, Bias>>;
  static_assert(Net::output_shape == Shape{4, 5, 5});
  static_assert(Net::program.fingerprint == Same::program.fingerprint);
  EXPECT_EQ(parameter_lines(Net::program), (Lines{"0.weight 4x1x3x3", "0.bias 4"}));
  constexpr LayerRow row = only_row<Net>();
  static_assert(row.name == "DepthwiseConv2d" && row.parameters == 4 * 9 + 4 && row.multiply_adds == 4 * 25 * 9);
}

TEST(DepthwiseConv2d, SaysWhatDoesNotFit) {
  static_assert(diagnosis_of<Image, DepthwiseConv2d<Kernel<11>, Padding<0>>>.fault == Fault::window_does_not_fit);
}

}  // namespace
}  // namespace attar::test::depthwise_conv2d_test
