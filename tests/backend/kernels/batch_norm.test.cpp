// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include "kernel_case.hpp"
#include <attar/backend/kernels/batch_norm.hpp>

namespace attar::test::batch_norm_test {
namespace {

template <int Channels, int Side>
using Norm = Sequential<Input<Channels, Side, Side>, BatchNorm2d>;

/// With all that `fuse` may join to it, and all that a session may ask.
template <class A, class Storage>
void check_all_forms(Tolerance tolerance) {
  for (const Activation function : {Activation::none, Activation::relu, Activation::relu6}) {
    for (const bool residual : {false, true}) {
      // With a residual the mask comes from the stored result, where bf16 rounds what is almost 6 to 6.
      if (residual && function == Activation::relu6 && std::is_same_v<Storage, bf16>) continue;
      for (int flags = 0; flags < 8; ++flags) {
        Op op = A::program.ops[0];
        op.activation = function;
        if (residual) op.residual = 0;
        check_kernel<A, Storage>({.two_parts = (flags & 1) != 0,
                                  .accumulate = (flags & 2) != 0,
                                  .accumulate_residual = (flags & 4) != 0,
                                  .tolerance = tolerance},
                                 op);
      }
    }
  }
}

TEST(BatchNormKernel, AgreesWithTheReferenceInAllForms) {
  check_all_forms<Norm<16, 6>, float>({1e-5, 1e-5});
  check_all_forms<Norm<17, 5>, float>({1e-5, 1e-5});
  check_all_forms<Norm<3, 4>, float>({1e-5, 1e-5});
}

TEST(BatchNormKernel, AgreesWithTheReferenceInBf16) {
  check_all_forms<Norm<16, 6>, bf16>(bf16_tolerance);
  check_all_forms<Norm<17, 5>, bf16>(bf16_tolerance);
}

TEST(BatchNormKernel, TakesAnyNumberOfChannelsAndImages) {
  check_kernel<Norm<1, 1>>({.batch = 2, .tolerance = {1e-4, 1e-4}});
  check_kernel<Norm<5, 7>>({.batch = 1});
  check_kernel<Norm<64, 4>>({.batch = 1});
  check_kernel<Norm<256, 3>>({.batch = 2});
  check_kernel<Norm<260, 2>>({.batch = 4});
  check_kernel<Norm<16, 32>>({.batch = 40, .tolerance = {2e-5, 1e-4}});
}

TEST(BatchNormKernel, ALargeMeanCostsNoDigitsOfTheVariance) {
  // float itself keeps numbers near 1000 to 6e-5 only; squares of them would be off by 0.1.
  check_kernel<Norm<16, 16>>({.batch = 8, .mean = 1000, .tolerance = {1e-4, 2e-4}});
}

TEST(BatchNormKernel, ConstantChannelsGiveTheShift) {
  const Program& program = Norm<4, 3>::program;
  const Op& op = program.ops[0];
  const auto kernel = portable_kernel<float>(OperationContext{op, program, 2});
  std::vector<float> input(72, 3.0F);
  std::vector<float> output(72);
  std::vector<float> parameters(program.buffer_size, 2.0F);
  OperationArguments<float, float> arguments;
  arguments.inputs[0] = input.data();
  arguments.output = output.data();
  arguments.parameters = parameters.data();
  kernel->forward(arguments);
  // scale x + offset with a scale of 2 / sqrt(epsilon): two numbers near 1900 that float keeps to 1e-4.
  for (const float number : output) EXPECT_NEAR(number, 2.0F, 5e-4F);
}

TEST(BatchNormKernel, AddsInPlaceToTheGradientOfItsOwnInput) {
  // x + norm(x): the residual's gradient and the input's are one buffer.
  const Program& program = Norm<16, 4>::program;
  Op op = program.ops[0];
  op.residual = 0;
  op.activation = Activation::relu;
  const auto kernel = portable_kernel<float>(OperationContext{op, program, 2});
  const std::size_t size = 2 * program.shape(0).size();
  std::vector<float> input;
  std::vector<float> gradient;
  for (const double number : normal_numbers(size, 1)) input.push_back(static_cast<float>(number));
  for (const double number : normal_numbers(size, 2)) gradient.push_back(static_cast<float>(number));
  std::vector<float> output(size);
  std::vector<float> parameters(program.buffer_size, 1.0F);
  std::vector<float> gradients(program.trainable_size);
  std::vector<float> apart[2] = {std::vector<float>(size), std::vector<float>(size)};
  std::vector<float> together(size);
  OperationArguments<float, float> arguments;
  arguments.inputs[0] = arguments.residual = input.data();
  arguments.output = output.data();
  arguments.output_gradient = gradient.data();
  arguments.parameters = parameters.data();
  arguments.gradients = gradients.data();
  kernel->forward(arguments);
  arguments.residual_gradient = apart[0].data();
  arguments.input_gradients[0] = apart[1].data();
  kernel->backward(arguments);
  arguments.residual_gradient = arguments.input_gradients[0] = together.data();
  arguments.accumulate[0] = true;
  kernel->backward(arguments);
  for (std::size_t i = 0; i < size; ++i) EXPECT_FLOAT_EQ(together[i], apart[0][i] + apart[1][i]) << i;
}

TEST(BatchNormKernel, IsTheSameToTheBitForAnyNumberOfThreads) {
  const Program& program = Norm<16, 32>::program;
  const int batch = 32;
  const std::size_t size = batch * program.shape(0).size();
  std::vector<float> input;
  for (const double number : normal_numbers(size, 1)) input.push_back(static_cast<float>(number));
  const auto run = [&](int threads) {
    const int before = thread_count();
    set_thread_count(threads);
    const auto kernel = portable_kernel<float>(OperationContext{program.ops[0], program, batch});
    std::vector<float> output(size);
    std::vector<float> result(size);
    std::vector<float> parameters(program.buffer_size, 1.0F);
    std::vector<float> gradients(program.trainable_size);
    OperationArguments<float, float> arguments;
    arguments.inputs[0] = input.data();
    arguments.output = output.data();
    arguments.output_gradient = output.data();
    arguments.input_gradients[0] = result.data();
    arguments.parameters = parameters.data();
    arguments.gradients = gradients.data();
    kernel->forward(arguments);
    kernel->backward(arguments);
    set_thread_count(before);
    result.insert(result.end(), output.begin(), output.end());
    result.insert(result.end(), parameters.begin(), parameters.end());
    result.insert(result.end(), gradients.begin(), gradients.end());
    return result;
  };
  const std::vector<float> one = run(1);
  EXPECT_EQ(one, run(2));
  EXPECT_EQ(one, run(3));
}

}  // namespace
}  // namespace attar::test::batch_norm_test
