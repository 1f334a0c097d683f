// SPDX-License-Identifier: MIT
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/kernels/winograd_conv2d.hpp>
#include <attar/backend/reference.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/dtype.hpp>
#include <attar/core/parallel.hpp>
#include <attar/core/rng.hpp>
#include <attar/layers/layers.hpp>
#include <attar/model/sequential.hpp>

namespace attar::test::winograd_conv2d_test {
namespace {

template <int Channels, int Height, int Width, int Outputs, class... Options>
using Net = Sequential<Input<Channels, Height, Width>, ReLU, Conv2d<Outputs, Kernel<3>, Options...>>;

template <class T>
AlignedBuffer<T> small_integers(std::size_t count, std::uint64_t stream) {
  AlignedBuffer<T> numbers(count);
  Rng rng{Seed{6}, stream};
  for (T& x : numbers) x = static_cast<T>(static_cast<float>(rng.below(7)) - 3.0F);
  return numbers;
}

template <class T>
std::vector<float> floats(const AlignedBuffer<T>& numbers) {
  return {numbers.begin(), numbers.end()};
}

struct Results {
  std::vector<float> output, input_gradient, gradients;
  friend bool operator==(const Results&, const Results&) = default;
};

/// One forward and backward on small integers, on which all sums are exact.
template <class A, class Storage, class Prepare>
Results run(int batch, bool accumulate, Prepare prepare) {
  const Op& op = A::program.ops.back();
  const auto elements = [&](int value) { return static_cast<std::size_t>(batch) * A::program.shape(value).size(); };
  const auto input = small_integers<Storage>(elements(op.operands[0]), 1);
  const auto slope = small_integers<Storage>(elements(op.output), 2);
  auto parameters = small_integers<float>(A::program.buffer_size, 3);
  AlignedBuffer<Storage> output(elements(op.output));
  auto input_gradient = small_integers<Storage>(input.size(), 4);
  AlignedBuffer<float> gradients(A::program.buffer_size);
  OperationArguments<Storage, float> arguments;
  arguments.inputs[0] = input.data();
  arguments.output = output.data();
  arguments.parameters = parameters.data();
  arguments.output_gradient = slope.data();
  arguments.input_gradients[0] = input_gradient.data();
  arguments.accumulate[0] = accumulate;
  arguments.gradients = gradients.data();
  const auto operation = prepare(OperationContext{op, A::program, batch});
  operation->forward(arguments);
  operation->backward(arguments);
  return {floats(output), floats(input_gradient), floats(gradients)};
}

template <class A, class Storage>
Results winograd(int batch, bool accumulate = false) {
  return run<A, Storage>(batch, accumulate, [](const OperationContext& context) {
    EXPECT_TRUE(detail::WinogradConv2d<Storage>::handles(context.op, context.program));
    return std::make_unique<detail::WinogradConv2d<Storage>>(context);
  });
}

template <class A, class Storage>
void expect_exact(int batch, bool accumulate = false) {
  SCOPED_TRACE("batch " + std::to_string(batch));
  const Results expected = run<A, Storage>(batch, accumulate, Reference<float>::prepare<Storage>);
  const Results found = winograd<A, Storage>(batch, accumulate);
  EXPECT_EQ(found.output, expected.output);
  EXPECT_EQ(found.input_gradient, expected.input_gradient);
  EXPECT_EQ(found.gradients, expected.gradients);
}

TEST(WinogradConv2d, IsExactOnIntegers) {
  for (const int batch : {1, 5}) {
    expect_exact<Net<16, 8, 8, 16>, float>(batch);
    expect_exact<Net<32, 7, 5, 64>, float>(batch);
    expect_exact<Net<48, 3, 3, 32>, float>(batch);
    expect_exact<Net<16, 8, 8, 32>, bf16>(batch);
  }
}

TEST(WinogradConv2d, TakesEveryPadding) {
  expect_exact<Net<16, 6, 6, 16, Padding<0>>, float>(2);
  expect_exact<Net<16, 5, 6, 16, Padding<2>>, float>(2);
  expect_exact<Net<16, 6, 5, 16, Padding<2, 0>>, float>(2);
  expect_exact<Net<16, 3, 3, 16, Padding<0>>, float>(3);
  expect_exact<Net<16, 1, 1, 16>, float>(2);
}

TEST(WinogradConv2d, AddsToTheInputGradientIfAsked) {
  expect_exact<Net<16, 6, 6, 16>, float>(2, true);
}

TEST(WinogradConv2d, GivesTheSameOnAnyNumberOfThreads) {
  using A = Net<16, 9, 9, 32>;
  const int before = thread_count();
  set_thread_count(1);
  const Results one = winograd<A, float>(7);
  set_thread_count(3);
  EXPECT_EQ((winograd<A, float>(7)), one);
  set_thread_count(before);
}

template <class A>
bool handled() {
  return detail::WinogradConv2d<float>::handles(A::program.ops.back(), A::program);
}

TEST(WinogradConv2d, LeavesOtherConvolutionsToOthers) {
  EXPECT_TRUE((handled<Net<16, 8, 8, 16>>()));
  EXPECT_FALSE((handled<Net<16, 8, 8, 16, Stride<2>>>()));
  EXPECT_FALSE((handled<Net<16, 8, 8, 16, Dilation<2>>>()));
  EXPECT_FALSE((handled<Net<16, 8, 8, 16, Groups<2>>>()));
  EXPECT_FALSE((handled<Net<16, 8, 8, 16, Bias>>()));
  EXPECT_FALSE((handled<Net<16, 8, 8, 16, Padding<3>>>()));
  EXPECT_FALSE((handled<Net<16, 8, 8, 24>>()));
  EXPECT_FALSE((handled<Net<3, 8, 8, 16>>()));
  EXPECT_FALSE((handled<Sequential<Input<16, 8, 8>, Conv2d<16, Kernel<5>>>>()));
}

}  // namespace
}  // namespace attar::test::winograd_conv2d_test
