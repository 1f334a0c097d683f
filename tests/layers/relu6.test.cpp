// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "../support/one_layer.hpp"
#include <attar/layers/relu6.hpp>

namespace attar::test::relu6_test {
namespace {

TEST(ReLU6, IsOneElementwiseOperationWithoutParameters) {
  using Net = Sequential<Input<3, 4, 5>, ReLU6>;
  static_assert(Net::output_shape == Shape{3, 4, 5});
  static_assert(Net::program.ops.size() == 1 && Net::program.ops[0].kind == OpKind::activation);
  static_assert(Net::program.ops[0].activation == Activation::relu6);
  static_assert(Net::program.parameters.empty() && Net::program.buffer_size == 0);
  constexpr LayerRow row = only_row<Net>();
  static_assert(row.name == "ReLU6" && row.parameters == 0 && row.multiply_adds == 0);
  static_assert(row.input == Shape{3, 4, 5} && row.output == row.input);
}

}  // namespace
}  // namespace attar::test::relu6_test
