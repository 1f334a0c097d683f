// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/model/cost.hpp>

namespace attar::cost_test {
namespace {

using Net =
    Sequential<Input<1, 28, 28>, Conv2d<16, Kernel<3>>, BatchNorm2d, ReLU, MaxPool2d<2>, GlobalAvgPool, Linear<10>>;

TEST(Cost, CountsByHand) {
  constexpr Cost found = cost<Net>;
  static_assert(found.parameters == 16 * 9 + 2 * 16 + 16 * 10 + 10);
  static_assert(found.statistics == 2 * 16);
  static_assert(found.multiply_adds == 28 * 28 * 16 * 9 + 16 * 10);
  static_assert(found.bytes == 4 * (found.parameters + found.statistics));
  static_assert(found.layers == 2);
}

TEST(Cost, CountsGroupsStridesAndSqueezeExcite) {
  using Depthwise = Sequential<Input<8, 9, 9>, DepthwiseConv2d<Kernel<3>, Stride<2>, Bias>>;
  static_assert(cost<Depthwise>.parameters == 8 * 9 + 8);
  static_assert(cost<Depthwise>.multiply_adds == 5 * 5 * 8 * 9);
  using Grouped = Sequential<Input<8, 4, 4>, Conv2d<16, Groups<4>>>;
  static_assert(cost<Grouped>.parameters == 16 * 2);
  static_assert(cost<Grouped>.multiply_adds == 4 * 4 * 16 * 2);
  using Squeezed = Sequential<Input<8, 4, 4>, SqueezeExcite<4>>;
  static_assert(cost<Squeezed>.parameters == 2 * 8 + 2 + 8 * 2 + 8);
  static_assert(cost<Squeezed>.multiply_adds == 2 * 8 * 2);
  static_assert(cost<Squeezed>.layers == 2);
}

TEST(ActivationPeak, IsOperandPlusResultOfAConvolution) {
  // The norm and the ReLU work in place.
  static_assert(cost<Net>.activation_peak == 4 * (28 * 28 * (16 + 4)));
  using Widest = Sequential<Input<1, 8, 8>, Conv2d<4>, Conv2d<6>, Conv2d<2>>;
  static_assert(cost<Widest>.activation_peak == 4 * 64 * (4 + 6));
}

TEST(ActivationPeak, KeepsTheShortcutAlive) {
  using Plain = Sequential<Input<4, 8, 8>, Conv2d<4>, Conv2d<4>>;
  static_assert(cost<Plain>.activation_peak == 4 * 64 * 8);
  using Shortcut = Sequential<Input<4, 8, 8>, Residual<Stack<Conv2d<4>, Conv2d<4>>>>;
  static_assert(cost<Shortcut>.activation_peak == 4 * 64 * 12);
  using Gate = Sequential<Input<4, 8, 8>, ReLU, SqueezeExcite<1>>;
  static_assert(cost<Gate>.activation_peak == 4 * (64 * 4 + 4 + 4));
}

TEST(ActivationPeak, CountsAnOperandThatIsReadTwiceOnce) {
  using Twice = Sequential<Input<4, 8, 8>, Concat<Stack<>, Stack<>>, Conv2d<1>>;
  static_assert(cost<Twice>.activation_peak == 4 * 64 * 12);
}

TEST(ActivationPeak, OfNothingIsTheInput) {
  static_assert(cost<Sequential<Input<3, 2, 2>>>.activation_peak == 4 * 12);
}

}  // namespace
}  // namespace attar::cost_test
