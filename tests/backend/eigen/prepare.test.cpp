// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/backend/eigen/prepare.hpp>
#include <attar/model/sequential.hpp>

namespace attar::prepare_test {
namespace {

using Net = Sequential<Input<3, 8, 8>, Conv2d<32, Kernel<3>>, ReLU, Conv2d<32, Kernel<3>>, DepthwiseConv2d<Kernel<3>>,
                       GlobalAvgPool, Linear<10>>;

template <class Kernel>
bool is(const OperationPointer<float, float>& operation) {
  return dynamic_cast<const Kernel*>(operation.get()) != nullptr;
}

TEST(PrepareEigenBackend, DoesConvolutionsAndLinearLayersAndLeavesTheRestToTheKernels) {
  int convolutions = 0;
  for (const Op& op : Net::program.ops) {
    const auto operation = EigenBackend::prepare<float>({op, Net::program, 2, /*whole_numbers=*/true});
    EXPECT_EQ(is<detail::EigenLinear<float>>(operation), op.kind == OpKind::linear);
    convolutions += is<detail::EigenConv2d<float>>(operation) ? 1 : 0;
    EXPECT_EQ(is<detail::DepthwiseConv2dKernel<float>>(operation), op.kind == OpKind::conv2d && op.groups > 1);
    EXPECT_EQ(is<detail::ActivationKernel<float>>(operation), op.kind == OpKind::activation);
  }
  EXPECT_EQ(convolutions, 2);
}

}  // namespace
}  // namespace attar::prepare_test
