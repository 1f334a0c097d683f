// SPDX-License-Identifier: MIT
#include <vector>

#include <gtest/gtest.h>

#include <attar/model/layer_precision.hpp>
#include <attar/model/sequential.hpp>

namespace attar::layer_precision_test {
namespace {

using enum LayerPrecision;

using Net = Sequential<Input<3, 8, 8>, MaxPool2d<2>, Conv2d<4, Kernel<3>>, ReLU,
                       Residual<Stack<BatchNorm2d, Conv2d<4>>>, GlobalAvgPool, Linear<10>>;

/// Precisions of the layers with weights, by row.
std::vector<LayerPrecision> rows(LayerPrecision conv, LayerPrecision norm, LayerPrecision inner, LayerPrecision last) {
  std::vector<LayerPrecision> result(Net::program.rows.size(), int8);
  const std::vector<int> precise = detail::precise_rows(fuse(Net::program, FuseFor::inference));
  EXPECT_EQ(precise.size(), 4U);
  const std::vector<LayerPrecision> wanted{conv, norm, inner, last};
  for (std::size_t i = 0; i < 4; ++i) result[static_cast<std::size_t>(precise[i])] = wanted[i];
  return result;
}

std::vector<LayerPrecision> ops(const std::vector<LayerPrecision>& rows) {
  return detail::op_precisions(Net::program, fuse(Net::program, FuseFor::inference), rows);
}

TEST(LayerPrecision, HasNames) {
  EXPECT_EQ(name_of(int8), "int8");
  EXPECT_EQ(name_of(bf16), "bf16");
  EXPECT_EQ(name_of(fp32), "fp32");
}

TEST(LayerPrecision, LayersWithoutWeightsFollowTheirOperands) {
  // The pooling in front, the convolution, the norm, the convolution that adds the shortcut, the mean, the linear
  // layer.
  EXPECT_EQ(ops(rows(int8, int8, int8, int8)), (std::vector{int8, int8, int8, int8, int8, int8}));
  EXPECT_EQ(ops(rows(fp32, int8, int8, int8)), (std::vector{fp32, fp32, int8, int8, int8, int8}));
  EXPECT_EQ(ops(rows(int8, bf16, fp32, int8)), (std::vector{int8, int8, bf16, fp32, fp32, int8}));
}

TEST(LayerPrecision, AProgramWithoutWeightsIsWhatItsFirstRowSays) {
  using Pool = Sequential<Input<1, 4, 4>, MaxPool2d<2>, GlobalAvgPool>;
  const FusedProgram fused = fuse(Pool::program, FuseFor::inference);
  EXPECT_EQ(detail::op_precisions(Pool::program, fused, std::vector{fp32, int8}), (std::vector{fp32, fp32}));
  EXPECT_EQ(detail::op_precisions(Pool::program, fused, std::vector{int8, int8}), (std::vector{int8, int8}));
}

}  // namespace
}  // namespace attar::layer_precision_test
