// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "../support/one_layer.hpp"
#include <attar/layers/hard_swish.hpp>

namespace attar::test::hard_swish_test {
namespace {

TEST(HardSwish, IsOneElementwiseOperationWithoutParameters) {
  using Net = Sequential<Input<3, 4, 5>, HardSwish>;
  static_assert(Net::output_shape == Shape{3, 4, 5});
  static_assert(Net::program.ops.size() == 1 && Net::program.ops[0].kind == OpKind::activation);
  static_assert(Net::program.ops[0].activation == Activation::hard_swish);
  static_assert(Net::program.parameters.empty() && Net::program.buffer_size == 0);
  constexpr LayerRow row = only_row<Net>();
  static_assert(row.name == "HardSwish" && row.parameters == 0 && row.multiply_adds == 0);
  static_assert(row.input == Shape{3, 4, 5} && row.output == row.input);
}

}  // namespace
}  // namespace attar::test::hard_swish_test
