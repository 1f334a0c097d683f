// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "../support/one_layer.hpp"
#include <attar/layers/dropout.hpp>

namespace attar::test::dropout_test {
namespace {

TEST(Dropout, KeepsTheShapeAndHasNoParameters) {
  using Net = Sequential<Input<4, 3, 2>, Dropout<Rate<1, 5>>>;
  static_assert(Net::output_shape == Shape{4, 3, 2} && Net::program.parameters.empty());
  static_assert(Net::program.ops[0].kind == OpKind::dropout && Net::program.ops[0].rate == 0.2);
  static_assert(only_row<Net>().name == "Dropout");
}

}  // namespace
}  // namespace attar::test::dropout_test
