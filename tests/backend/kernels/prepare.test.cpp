// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/backend/kernels/prepare.hpp>
#include <attar/core/dtype.hpp>
#include <attar/model/sequential.hpp>

namespace attar::prepare_test {
namespace {

using Everything = Sequential<Input<3, 16, 16>, Conv2d<8, Kernel<3>>, BatchNorm2d, ReLU, MaxPool2d<2>, AvgPool2d<2>,
                              Residual<DepthwiseConv2d<Kernel<3>>>, SqueezeExcite<4>, Concat<Identity, ReLU6>,
                              Dropout<Rate<1, 2>>, Flatten, Linear<10>>;

TEST(PrepareKernel, LeavesConvolutionsAndLinearLayersToTheBackend) {
  const Program& program = Everything::program;
  bool seen[12] = {};
  for (const Op& op : program.ops) {
    const OperationContext context{op, program, 2};
    const bool expected = op.kind != OpKind::linear && (op.kind != OpKind::conv2d || op.groups > 1);
    EXPECT_EQ(prepare_kernel<float>(context) != nullptr, expected) << static_cast<int>(op.kind);
    EXPECT_EQ(prepare_kernel<bf16>(context) != nullptr, expected) << static_cast<int>(op.kind);
    seen[static_cast<int>(op.kind)] = true;
  }
  for (const bool kind : seen) EXPECT_TRUE(kind);
}

}  // namespace
}  // namespace attar::prepare_test
