// SPDX-License-Identifier: MIT
#include "operation_run.hpp"
#include <attar/backend/onednn/conv2d.hpp>
#include <attar/core/dtype.hpp>
#include <attar/core/parallel.hpp>

namespace attar::test::conv2d_test {
namespace {

/// A convolution that is not the first layer, so that the gradient of its input is wanted.
template <int Channels, int Height, int Width, class Layer>
using Inner = Sequential<Input<Channels, Height, Width>, ReLU, Layer>;

template <class A>
void expect_exact_in_both_precisions() {
  for (const int batch : {1, 5}) {
    expect_exact<A, float>(batch);
    expect_exact<A, bf16>(batch);
  }
}

TEST(OneDnnConv2d, Plain) {
  expect_exact_in_both_precisions<Inner<16, 9, 9, Conv2d<16, Kernel<3>>>>();
}
TEST(OneDnnConv2d, Bias) {
  expect_exact_in_both_precisions<Inner<16, 6, 8, Conv2d<32, Kernel<3>, Bias>>>();
}
TEST(OneDnnConv2d, Pointwise) {
  expect_exact_in_both_precisions<Inner<32, 7, 5, Conv2d<24, Kernel<1>>>>();
}
TEST(OneDnnConv2d, StridedPointwise) {
  expect_exact_in_both_precisions<Inner<16, 8, 8, Conv2d<32, Kernel<1>, Stride<2>>>>();
}
TEST(OneDnnConv2d, Strided) {
  expect_exact_in_both_precisions<Inner<16, 8, 8, Conv2d<32, Kernel<3>, Stride<2>>>>();
}
TEST(OneDnnConv2d, StrideThatLeavesPixelsOver) {
  expect_exact_in_both_precisions<Inner<8, 10, 11, Conv2d<16, Kernel<3>, Stride<4>, Padding<0>>>>();
}
TEST(OneDnnConv2d, NoPadding) {
  expect_exact_in_both_precisions<Inner<8, 9, 9, Conv2d<16, Kernel<5>, Padding<0>>>>();
}
TEST(OneDnnConv2d, WidePadding) {
  expect_exact_in_both_precisions<Inner<8, 5, 5, Conv2d<8, Kernel<3>, Padding<2>>>>();
}
TEST(OneDnnConv2d, Dilated) {
  expect_exact_in_both_precisions<Inner<16, 9, 9, Conv2d<16, Kernel<3>, Dilation<2>>>>();
}
TEST(OneDnnConv2d, NotSquare) {
  expect_exact_in_both_precisions<Inner<8, 6, 11, Conv2d<8, Kernel<1, 3>, Stride<2, 1>, Padding<1, 2>>>>();
}
TEST(OneDnnConv2d, EvenKernel) {
  expect_exact_in_both_precisions<Inner<8, 7, 7, Conv2d<8, Kernel<2>>>>();
}
TEST(OneDnnConv2d, OddChannels) {
  expect_exact_in_both_precisions<Inner<5, 6, 6, Conv2d<7, Kernel<3>, Bias>>>();
}
TEST(OneDnnConv2d, OneInputChannel) {
  expect_exact_in_both_precisions<Inner<1, 9, 9, Conv2d<16, Kernel<3>>>>();
}
TEST(OneDnnConv2d, OneOutputChannel) {
  expect_exact_in_both_precisions<Inner<16, 5, 5, Conv2d<1, Kernel<3>>>>();
}
TEST(OneDnnConv2d, OnePixel) {
  expect_exact_in_both_precisions<Inner<16, 1, 1, Conv2d<8, Kernel<1>, Bias>>>();
}
TEST(OneDnnConv2d, Groups) {
  expect_exact_in_both_precisions<Inner<12, 6, 6, Conv2d<18, Kernel<3>, Groups<3>>>>();
}
TEST(OneDnnConv2d, WideGroups) {
  expect_exact_in_both_precisions<Inner<32, 6, 6, Conv2d<32, Kernel<3>, Stride<2>, Groups<2>, Bias>>>();
}
TEST(OneDnnConv2d, Depthwise) {
  expect_exact_in_both_precisions<Inner<16, 7, 7, DepthwiseConv2d<Kernel<3>>>>();
}
TEST(OneDnnConv2d, DepthwiseOfAnySize) {
  expect_exact_in_both_precisions<Inner<10, 9, 9, DepthwiseConv2d<Kernel<7>, Stride<3>, Bias>>>();
}
TEST(OneDnnConv2d, ChannelMultiplier) {
  expect_exact_in_both_precisions<Inner<4, 7, 7, Conv2d<8, Kernel<3>, Groups<4>>>>();
}

TEST(OneDnnConv2d, FirstLayerComputesNoInputGradient) {
  using A = Sequential<Input<3, 8, 8>, Conv2d<16, Kernel<3>>>;
  expect_exact<A, float>(5);
  expect_exact<A, bf16>(5);
  const OperationRun<A, OneDnn, float> run{2};
  EXPECT_EQ(run.input_gradient(), floats(small_integers<float>(run.input_gradient().size(), 4)));
}

TEST(OneDnnConv2d, GivesTheSameOnAnyNumberOfThreads) {
  using A = Inner<16, 12, 12, Conv2d<32, Kernel<3>, Stride<2>>>;
  const int before = thread_count();
  set_thread_count(1);
  const OperationRun<A, OneDnn, float> one{5};
  set_thread_count(2);
  const OperationRun<A, OneDnn, float> two{5};
  set_thread_count(before);
  EXPECT_EQ(one.output(), two.output());
  EXPECT_EQ(one.input_gradient(), two.input_gradient());
  EXPECT_EQ(one.gradients(), two.gradients());
}

}  // namespace
}  // namespace attar::test::conv2d_test
