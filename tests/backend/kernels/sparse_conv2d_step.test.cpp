// SPDX-License-Identifier: MIT
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/eigen.hpp>
#include <attar/backend/inference_session.hpp>
#include <attar/backend/kernels/sparse_conv2d_step.hpp>
#include <attar/core/rng.hpp>
#include <attar/layers/layers.hpp>
#include <attar/model/network.hpp>
#include <attar/model/sequential.hpp>

namespace attar::sparse_conv2d_step_test {
namespace {

using namespace attar;

constexpr auto lanes = static_cast<std::size_t>(detail::native_lanes);

template <class... Layers>
using Net = Sequential<Input<5, 9, 7>, Layers...>;

/// Small integers, for sums to be exact in any order; of the blocks of weights, `kept` in ten stay.
template <class A>
Network<A> sparse_network(int kept, std::uint64_t seed) {
  Network<A> network;
  Rng rng{Seed{seed}, 0};
  for (const Parameter& parameter : A::program.parameters) {
    const auto outputs = static_cast<std::size_t>(parameter.dims[0]);
    const std::size_t size = parameter.size / outputs;
    for (std::size_t first = 0; first < outputs; first += lanes) {
      for (std::size_t at = 0; at < size; ++at) {
        const bool stays = rng.uniform() * 10 < static_cast<float>(kept);
        for (std::size_t lane = 0; lane < lanes && first + lane < outputs; ++lane) {
          const auto number = static_cast<float>(static_cast<int>(rng.uniform() * 9) - 4);
          if (stays) network.buffer()[parameter.offset + (first + lane) * size + at] = number;
        }
      }
    }
  }
  return network;
}

std::vector<float> integers(std::size_t count) {
  std::vector<float> numbers(count);
  Rng rng{Seed{9}, 1};
  for (float& number : numbers) number = static_cast<float>(static_cast<int>(rng.uniform() * 15) - 7);
  return numbers;
}

/// The first operation of `A` by the sparse step, with what is fused behind it.
template <class A>
void expect_equal_to_dense(int kept, int batch = 3) {
  const Network<A> network = sparse_network<A>(kept, 4);
  const FusedProgram fused = fuse(A::program, FuseFor::inference);
  ASSERT_EQ(fused.ops.size(), 1U);
  const OperationContext context{fused.ops[0], A::program, batch};
  const detail::SparseConv2dStep step{context, network.buffer()};

  const auto count = static_cast<std::size_t>(batch);
  const std::vector<float> images = integers(count * A::input_shape.size());
  std::vector<float> found(count * A::output_shape.size());
  std::vector<std::byte> scratchpad(step.scratchpad_bytes());
  detail::StepPointers pointers;
  pointers.inputs[0] = reinterpret_cast<const std::byte*>(images.data());
  pointers.output = reinterpret_cast<std::byte*>(found.data());
  pointers.scratchpad = scratchpad.data();
  auto binding = step.bind(pointers);
  step.execute(binding);

  const InferenceSession<EigenBackend> dense{A::program, network.buffer(), batch};
  auto dense_context = dense.make_context();
  std::vector<float> expected(found.size());
  dense.run(images.data(), expected.data(), dense_context);
  EXPECT_EQ(found, expected);
}

constexpr int outputs = 2 * static_cast<int>(lanes);

TEST(SparseConv2dStep, GivesTheSameNumbersAsDenseOnes) {
  for (const int kept : {0, 2, 7, 10}) {
    expect_equal_to_dense<Net<Conv2d<outputs, Kernel<3>, Bias>, ReLU>>(kept);
    expect_equal_to_dense<Net<Conv2d<outputs, Kernel<1>>>>(kept);
  }
}

TEST(SparseConv2dStep, KnowsStridesPaddingsAndDilations) {
  expect_equal_to_dense<Net<Conv2d<outputs, Kernel<3>, Stride<2>, Bias>>>(3);
  expect_equal_to_dense<Net<Conv2d<outputs, Kernel<3>, Padding<0>>>>(3);
  expect_equal_to_dense<Net<Conv2d<outputs, Kernel<3, 1>, Padding<2, 0>>, ReLU6>>(3);
  expect_equal_to_dense<Net<Conv2d<outputs, Kernel<1, 3>, Padding<0, 2>>>>(3);
  expect_equal_to_dense<Net<Conv2d<outputs, Kernel<3>, Dilation<2>, Bias>>>(3, 1);
}

TEST(SparseConv2dStep, AddsToASum) {
  using A = Sequential<Input<outputs, 4, 4>, Residual<Conv2d<outputs, Kernel<3>, Bias>>, ReLU>;
  const Network<A> network = sparse_network<A>(3, 8);
  const std::vector<float> images = integers(A::input_shape.size());
  std::vector<float> found(A::output_shape.size());
  std::vector<float> expected(found.size());
  const FusedProgram fused = fuse(A::program, FuseFor::inference);
  ASSERT_EQ(fused.ops.size(), 1U);
  ASSERT_GE(fused.ops[0].residual, 0);
  const detail::SparseConv2dStep step{OperationContext{fused.ops[0], A::program, 1}, network.buffer()};
  std::vector<std::byte> scratchpad(step.scratchpad_bytes());
  detail::StepPointers pointers;
  pointers.inputs[0] = reinterpret_cast<const std::byte*>(images.data());
  pointers.residual = pointers.inputs[0];
  pointers.output = reinterpret_cast<std::byte*>(found.data());
  pointers.scratchpad = scratchpad.data();
  auto binding = step.bind(pointers);
  step.execute(binding);

  const InferenceSession<EigenBackend> dense{A::program, network.buffer()};
  auto context = dense.make_context();
  dense.run(images.data(), expected.data(), context);
  EXPECT_EQ(found, expected);
}

TEST(SparseConv2dStep, IsForConvolutionsWithManyZeroBlocks) {
  const auto handles = []<class A>(const Network<A>& network) {
    return detail::SparseConv2dStep::handles({A::program.ops[0], A::program, 1}, network.buffer());
  };
  EXPECT_TRUE(handles(sparse_network<Net<Conv2d<outputs, Kernel<3>>>>(2, 1)));
  EXPECT_FALSE(handles(sparse_network<Net<Conv2d<outputs, Kernel<3>>>>(10, 1)));
  EXPECT_FALSE(handles(sparse_network<Net<Conv2d<outputs + 1, Kernel<3>>>>(2, 1)));
  EXPECT_FALSE(handles(sparse_network<Sequential<Input<outputs, 4, 4>, Conv2d<outputs, Groups<2>>>>(2, 1)));
}

}  // namespace
}  // namespace attar::sparse_conv2d_step_test
