// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "../support/one_layer.hpp"
#include <attar/layers/linear.hpp>

namespace attar::test::linear_test {
namespace {

TEST(Linear, MapsAVector) {
  using Net = Sequential<Input<7, 1, 1>, Linear<3>>;
  static_assert(Net::output_shape == Shape{3, 1, 1});
  EXPECT_EQ(parameter_lines(Net::program), (Lines{"0.weight 3x7", "0.bias 3"}));
  constexpr LayerRow row = only_row<Net>();
  static_assert(row.name == "Linear" && row.parameters == 24 && row.multiply_adds == 21);
  EXPECT_EQ(parameter_lines(Sequential<Input<7, 1, 1>, Linear<3, NoBias>>::program), (Lines{"0.weight 3x7"}));
}

TEST(Linear, SaysWhatDoesNotFit) {
  static_assert(diagnosis_of<Input<7, 1, 2>, Linear<3>>.fault == Fault::linear_needs_vector);
  static_assert(diagnosis_of<Input<7, 1, 1>, Linear<0>>.fault == Fault::outputs_not_positive);
}

}  // namespace
}  // namespace attar::test::linear_test
