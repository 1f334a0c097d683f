// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "../support/one_layer.hpp"
#include <attar/layers/batch_norm2d.hpp>

namespace attar::test::batch_norm2d_test {
namespace {

using Image = Input<4, 3, 2>;

TEST(BatchNorm2d, HasPyTorchsParametersAndConstants) {
  using Net = Sequential<Image, BatchNorm2d>;
  static_assert(Net::output_shape == Shape{4, 3, 2});
  EXPECT_EQ(parameter_lines(Net::program), (Lines{"0.weight 4", "0.bias 4", "0.running_mean 4", "0.running_var 4"}));
  constexpr const Op& op = Net::program.ops[0];
  static_assert(op.epsilon == 1e-5 && op.momentum == 0.1);
  static_assert(op.weight == 0 && op.bias == 1 && op.running_mean == 2 && op.running_var == 3);
  constexpr LayerRow row = only_row<Net>();
  static_assert(row.name == "BatchNorm2d" && row.multiply_adds == 0);
  static_assert(row.parameters == 8, "statistics are not trained");
}

TEST(BatchNorm2d, ConstantsAreOptions) {
  constexpr const Op& op = Sequential<Image, BatchNorm2dWith<Epsilon<1, 1000>, Momentum<1, 100>>>::program.ops[0];
  static_assert(op.epsilon == 1e-3 && op.momentum == 1e-2);
}

TEST(BatchNorm2d, StatisticsStandBehindAllTrainableParameters) {
  using Net = Sequential<Image, BatchNorm2d, Conv2d<2>>;
  static_assert(Net::program.trainable_size == 3 * 16 && Net::program.buffer_size == 5 * 16);
  for (const Parameter& parameter : Net::program.parameters) {
    EXPECT_EQ(trainable(parameter.role), parameter.offset < Net::program.trainable_size) << parameter.name.view();
  }
}

}  // namespace
}  // namespace attar::test::batch_norm2d_test
