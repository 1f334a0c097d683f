// SPDX-License-Identifier: MIT
#include <cstddef>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "../support/gradient_check.hpp"
#include <attar/backend/eigen.hpp>
#include <attar/backend/reference.hpp>
#include <attar/backend/training_session.hpp>
#include <attar/core/parallel.hpp>
#include <attar/model/sequential.hpp>

namespace attar::test::eigen_test {
namespace {

template <int Width, class... More>
using Block = Stack<Conv2d<Width, Kernel<3>, More...>, BatchNorm2d, ReLU>;
template <int Width, class... More>
using Basic = Stack<Block<Width, More...>, Conv2d<Width, Kernel<3>>, BatchNorm2d>;

using ResNet = Sequential<Input<3, 12, 12>, Block<16>, Residual<Basic<16>>, ReLU, Residual<Basic<16>>, ReLU,
                          Residual<Basic<24, Stride<2>>, Stack<Conv2d<24, Stride<2>>, BatchNorm2d>>, ReLU,
                          GlobalAvgPool, Linear<5>>;

template <int Wide, int Width, int Size, class... More>
using Inverted = Stack<Conv2d<Wide>, BatchNorm2d, ReLU6, DepthwiseConv2d<Kernel<Size>, More...>, BatchNorm2d, ReLU6,
                       Conv2d<Width>, BatchNorm2d>;
using MobileNet =
    Sequential<Input<3, 11, 11>, Conv2d<8, Kernel<3>, Stride<2>>, BatchNorm2d, HardSwish, Residual<Inverted<24, 8, 3>>,
               Inverted<24, 12, 5, Stride<2>>, SqueezeExcite<4>, DepthwiseConv2d<Kernel<3>, Dilation<2>>, HardSwish,
               GlobalAvgPool, Dropout<Rate<1, 5>>, Linear<4>>;

using Dense = Concat<Identity, Stack<BatchNorm2d, ReLU, Conv2d<5, Kernel<3>>>>;
using DenseNet = Sequential<Input<3, 8, 8>, Conv2d<7, Kernel<3>, Bias>, Dense, Dense, BatchNorm2d, ReLU, AvgPool2d<2>,
                            Dense, MaxPool2d<2>, Flatten, Linear<6>, ReLU, Linear<3>>;

/// Logits, parameters after the step and gradients.
template <class Backend>
struct Step {
  using Scalar = typename Backend::Scalar;
  std::vector<Scalar> logits, parameters, gradients;

  Step(const Program& program, int batch) : gradients(program.trainable_size) {
    for (const double number : random_parameters(program)) parameters.push_back(static_cast<Scalar>(number));
    const auto rounded = [](const Numbers& numbers) {
      std::vector<Scalar> result;
      for (const double number : numbers) result.push_back(static_cast<Scalar>(number));
      return result;
    };
    const auto count = static_cast<std::size_t>(batch);
    const auto images = rounded(normal_numbers(count * program.input_shape().size(), 1));
    const auto gradient = rounded(normal_numbers(count * program.output_shape().size(), 2));
    TrainingSession<Backend> session{program, batch};
    for (std::uint64_t step = 0; step < 2; ++step) {
      const auto found = session.forward(images, parameters, step);
      logits.assign(found.begin(), found.end());
      session.backward(gradient, gradients);
    }
  }
};

Numbers wide(const std::vector<float>& numbers) {
  return {numbers.begin(), numbers.end()};
}

template <class A>
void check_network(int batch) {
  const Step<Reference<double>> exact{A::program, batch};
  const Step<EigenBackend> fast{A::program, batch};
  expect_near(exact.logits, wide(fast.logits), "logits", {1e-4, 1e-4});
  expect_near(exact.parameters, wide(fast.parameters), "parameters", {1e-5, 1e-5});
  expect_near(exact.gradients, wide(fast.gradients), "gradients", {2e-4, 2e-3});
}

TEST(EigenBackend, TrainsAResNetAsTheReferenceDoes) {
  check_network<ResNet>(3);
}
TEST(EigenBackend, TrainsAMobileNetAsTheReferenceDoes) {
  check_network<MobileNet>(4);
}
TEST(EigenBackend, TrainsADenseNetAsTheReferenceDoes) {
  check_network<DenseNet>(2);
}

TEST(EigenBackend, AgreesForAnyNumberOfThreads) {
  const int before = thread_count();
  set_thread_count(1);
  const Step<EigenBackend> one{ResNet::program, 4};
  set_thread_count(2);
  const Step<EigenBackend> two{ResNet::program, 4};
  const Step<EigenBackend> again{ResNet::program, 4};
  set_thread_count(before);
  expect_near(wide(one.logits), wide(two.logits), "logits", {1e-5, 1e-5});
  expect_near(wide(one.gradients), wide(two.gradients), "gradients", {1e-4, 1e-4});
  EXPECT_EQ(two.gradients, again.gradients);
  EXPECT_EQ(two.parameters, again.parameters);
}

TEST(EigenBackend, NothingOfAStepLeaksIntoTheNext) {
  const Program& program = MobileNet::program;
  TrainingSession<EigenBackend> session{program, 2};
  std::vector<float> parameters;
  for (const double number : random_parameters(program)) parameters.push_back(static_cast<float>(number));
  const std::vector<float> images(2 * program.input_shape().size(), 0.5F);
  const std::vector<float> gradient(2 * program.output_shape().size(), 1.0F);
  std::vector<float> gradients[2] = {std::vector<float>(program.trainable_size),
                                     std::vector<float>(program.trainable_size, 7.0F)};
  for (std::vector<float>& result : gradients) {
    std::vector<float> copy = parameters;
    session.forward(images, copy, 1);
    session.backward(gradient, result);
  }
  for (const Parameter& parameter : program.parameters) {
    if (!trainable(parameter.role)) continue;
    for (std::size_t i = parameter.offset; i < parameter.offset + parameter.size; ++i) {
      ASSERT_EQ(gradients[0][i], gradients[1][i]) << parameter.name.view();
    }
  }
}

}  // namespace
}  // namespace attar::test::eigen_test
