// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "../support/one_layer.hpp"
#include <attar/layers/squeeze_excite.hpp>

namespace attar::test::squeeze_excite_test {
namespace {

using Image = Input<8, 5, 6>;

TEST(SqueezeExcite, KeepsTheShapeAndIsOneRow) {
  using Net = Sequential<Image, SqueezeExcite<>>;
  static_assert(Net::output_shape == Shape{8, 5, 6});
  EXPECT_EQ(parameter_lines(Net::program),
            (Lines{"0.fc1.weight 2x8", "0.fc1.bias 2", "0.fc2.weight 8x2", "0.fc2.bias 8"}));
  constexpr LayerRow row = only_row<Net>();
  static_assert(row.name == "SqueezeExcite" && row.parameters == 16 + 2 + 16 + 8 && row.multiply_adds == 32);
  static_assert(row.input == Shape{8, 5, 6} && row.output == row.input);
}

TEST(SqueezeExcite, RoundsTheFeaturesDown) {
  EXPECT_EQ(parameter_lines(Sequential<Image, SqueezeExcite<3>>::program)[0], "0.fc1.weight 2x8");
  EXPECT_EQ(parameter_lines(Sequential<Image, SqueezeExcite<8>>::program)[0], "0.fc1.weight 1x8");
  static_assert(diagnosis_of<Image, SqueezeExcite<9>>.fault == Fault::squeeze_too_strong);
}

}  // namespace
}  // namespace attar::test::squeeze_excite_test
