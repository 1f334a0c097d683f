// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "../support/one_layer.hpp"
#include <attar/layers/global_avg_pool.hpp>

namespace attar::test::global_avg_pool_test {
namespace {

TEST(GlobalAvgPool, LeavesAVectorOfChannels) {
  using Net = Sequential<Input<4, 9, 10>, GlobalAvgPool>;
  static_assert(Net::output_shape == Shape{4, 1, 1});
  static_assert(Net::program.ops[0].kind == OpKind::global_avg_pool && Net::program.parameters.empty());
  constexpr LayerRow row = only_row<Net>();
  static_assert(row.name == "GlobalAvgPool" && row.multiply_adds == 0);
  static_assert(well_formed<Input<4, 9, 10>, GlobalAvgPool, Linear<3>>);
}

}  // namespace
}  // namespace attar::test::global_avg_pool_test
