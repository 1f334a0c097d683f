// SPDX-License-Identifier: MIT
#include <algorithm>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include "kernel_case.hpp"
#include <attar/backend/kernels/depthwise_conv2d.hpp>
#include <attar/backend/reference.hpp>

namespace attar::test::depthwise_conv2d_test {
namespace {

template <class In, class... Options>
using Depthwise = Sequential<In, DepthwiseConv2d<Options...>>;

TEST(DepthwiseConv2dKernel, IsExactOnIntegers) {
  check_kernel_exactly<Depthwise<Input<16, 9, 9>, Kernel<3>>>();
  check_kernel_exactly<Depthwise<Input<17, 8, 7>, Kernel<3>, Bias>>();
  check_kernel_exactly<Depthwise<Input<24, 9, 8>, Kernel<3>, Stride<2>>>(1);
  check_kernel_exactly<Depthwise<Input<3, 8, 9>, Kernel<3>, Stride<2>, Padding<0>>>();
  check_kernel_exactly<Depthwise<Input<20, 4, 4>, Kernel<3>, Padding<2>, Bias>>(17);
  check_kernel_exactly<Depthwise<Input<16, 6, 11>, Kernel<5>>>();
  check_kernel_exactly<Depthwise<Input<7, 11, 10>, Kernel<5>, Stride<2>, Bias>>();
  check_kernel_exactly<Depthwise<Input<32, 7, 7>, Kernel<5>, Stride<2>, Padding<1, 3>>>();
  check_kernel_exactly<Depthwise<Input<5, 1, 1>, Kernel<3>>>();
  check_kernel_exactly<Depthwise<Input<5, 2, 3>, Kernel<5>, Stride<2>>>(1);
  check_kernel_exactly<Depthwise<Input<1, 6, 6>, Kernel<3>>>();
}

TEST(DepthwiseConv2dKernel, FusesResidualAndActivationInInference) {
  using Net = Depthwise<Input<19, 5, 6>, Kernel<3>, Bias>;
  const Program& program = Net::program;
  Op op = program.ops[0];
  op.residual = 0;
  op.activation = Activation::relu;
  std::vector<float> numbers[3];
  for (std::uint64_t k = 0; k < 3; ++k) {
    for (const double number : normal_numbers(2 * 19 * 30 + program.buffer_size, k)) {
      numbers[k].push_back(static_cast<float>(static_cast<int>(4 * number)));
    }
  }
  std::vector<float> expected(2 * 19 * 30);
  std::vector<float> found(expected.size());
  reference_infer<float, float>(OperationContext{op, program, 2}, {numbers[0].data()}, numbers[1].data(),
                                numbers[2].data(), expected.data());
  const detail::DepthwiseConvolution<float> convolution{op, program};
  std::vector<float> packed(convolution.weights());
  convolution.pack(numbers[2].data() + program.parameter(op.weight).offset, packed.data());
  convolution.forward(2, numbers[0].data(), packed.data(), numbers[2].data() + program.parameter(op.bias).offset,
                      numbers[1].data(), Activation::relu, found.data());
  EXPECT_EQ(expected, found);

  // In place: the result over the residual.
  std::copy_n(numbers[1].begin(), found.size(), found.begin());
  convolution.forward(2, numbers[0].data(), packed.data(), numbers[2].data() + program.parameter(op.bias).offset,
                      found.data(), Activation::relu, found.data());
  EXPECT_EQ(expected, found);
}

TEST(DepthwiseConv2dKernel, LeavesOtherShapesToTheBackend) {
  const auto handles = []<class A>(std::type_identity<A>) {
    const bool result = detail::DepthwiseConvolution<float>::handles(A::program.ops[0], A::program);
    EXPECT_EQ(result, portable_kernel<float>(OperationContext{A::program.ops[0], A::program, 1}) != nullptr);
    return result;
  };
  using Image = Input<4, 9, 9>;
  EXPECT_TRUE(handles(std::type_identity<Depthwise<Image, Kernel<3>>>{}));
  EXPECT_TRUE(handles(std::type_identity<Sequential<Image, Conv2d<4, Kernel<5>, Groups<4>, Stride<2>>>>{}));
  EXPECT_FALSE(handles(std::type_identity<Depthwise<Image, Kernel<7>>>{}));
  EXPECT_FALSE(handles(std::type_identity<Depthwise<Image, Kernel<3, 5>>>{}));
  EXPECT_FALSE(handles(std::type_identity<Depthwise<Image, Kernel<3>, Stride<3>>>{}));
  EXPECT_FALSE(handles(std::type_identity<Depthwise<Image, Kernel<3>, Stride<1, 2>>>{}));
  EXPECT_FALSE(handles(std::type_identity<Depthwise<Image, Kernel<3>, Dilation<2>>>{}));
  EXPECT_FALSE(handles(std::type_identity<Depthwise<Image, Kernel<3>, Padding<3>>>{}));
  EXPECT_FALSE(handles(std::type_identity<Sequential<Image, Conv2d<8, Kernel<3>, Groups<4>>>>{}));
  EXPECT_FALSE(handles(std::type_identity<Sequential<Image, Conv2d<4, Kernel<3>>>>{}));
}

}  // namespace
}  // namespace attar::test::depthwise_conv2d_test
