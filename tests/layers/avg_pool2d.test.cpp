// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "../support/one_layer.hpp"
#include <attar/layers/avg_pool2d.hpp>

namespace attar::test::avg_pool2d_test {
namespace {

using Image = Input<4, 9, 10>;

TEST(AvgPool2d, ShapesAreThoseOfPyTorch) {
  static_assert(output_of<Image, AvgPool2d<2>> == Shape{4, 4, 5});
  static_assert(output_of<Image, AvgPool2d<3, Stride<2>>> == Shape{4, 4, 4});
  static_assert(output_of<Image, AvgPool2d<3, Stride<2>, Padding<1>>> == Shape{4, 5, 5});
  static_assert(output_of<Image, AvgPool2d<3, Padding<1>, Stride<1>>> == Shape{4, 9, 10});
  static_assert(output_of<Image, AvgPool2d<9>> == Shape{4, 1, 1});
}

TEST(AvgPool2d, HasNoParameters) {
  using Net = Sequential<Image, AvgPool2d<2>>;
  static_assert(Net::program.parameters.empty() && Net::program.ops[0].kind == OpKind::avg_pool);
  constexpr LayerRow row = only_row<Net>();
  static_assert(row.name == "AvgPool2d" && row.parameters == 0 && row.multiply_adds == 0);
}

TEST(AvgPool2d, SaysWhatDoesNotFit) {
  static_assert(diagnosis_of<Image, AvgPool2d<10>>.fault == Fault::window_does_not_fit);
  static_assert(diagnosis_of<Image, AvgPool2d<3, Padding<2>>>.fault == Fault::padding_wider_than_window);
  static_assert(well_formed<Image, AvgPool2d<4, Padding<2>>>);
}

}  // namespace
}  // namespace attar::test::avg_pool2d_test
