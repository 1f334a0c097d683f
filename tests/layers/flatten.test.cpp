// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "../support/one_layer.hpp"
#include <attar/layers/flatten.hpp>

namespace attar::test::flatten_test {
namespace {

TEST(Flatten, MakesAVectorOfAllElements) {
  using Net = Sequential<Input<4, 3, 2>, Flatten>;
  static_assert(Net::output_shape == Shape{24, 1, 1});
  static_assert(Net::program.ops[0].kind == OpKind::flatten && Net::program.parameters.empty());
  static_assert(only_row<Net>().name == "Flatten");
  static_assert(Sequential<Input<4, 3, 2>, Flatten, Linear<5>>::program.parameters[0].dims[1] == 24);
}

}  // namespace
}  // namespace attar::test::flatten_test
