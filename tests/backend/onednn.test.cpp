// SPDX-License-Identifier: MIT
#if ATTAR_WITH_ONEDNN

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "../support/onednn_bf16.hpp"
#include <attar/backend/onednn.hpp>
#include <attar/backend/reference.hpp>
#include <attar/backend/training_session.hpp>
#include <attar/core/dtype.hpp>
#include <attar/core/rng.hpp>
#include <attar/layers/layers.hpp>
#include <attar/model/network.hpp>
#include <attar/model/sequential.hpp>

namespace attar::test::onednn_test {
namespace {

template <int Width, class... Options>
using Block = Stack<Conv2d<Width, Kernel<3>, Options...>, BatchNorm2d>;

/// Residual blocks, depthwise and grouped convolutions, concatenation, gates, poolings: values with several readers.
using Net =
    Sequential<Input<3, 12, 12>, Block<16>, ReLU,                      //
               Residual<Stack<Block<16>, ReLU, Block<16>>>, ReLU,      //
               Residual<Stack<Block<32, Stride<2>>, ReLU, Block<32>>,  //
                        Stack<Conv2d<32, Kernel<1>, Stride<2>>, BatchNorm2d>>,
               ReLU,                                                                                     //
               Concat<Stack<Conv2d<8, Kernel<1>, Bias>, HardSwish>, Stack<Block<8, Groups<4>>, ReLU6>>,  //
               Block<16>, ReLU, DepthwiseConv2d<Kernel<3>>, SqueezeExcite<4>, MaxPool2d<2>, GlobalAvgPool, Linear<10>>;
constexpr int batch = 8;

/// Logits, gradients and the statistics after one step.
template <class Backend, class Storage>
std::vector<std::vector<double>> step() {
  using Scalar = typename Backend::Scalar;
  Network<Net> start{Seed{3}};
  std::vector<Scalar> parameters(start.buffer().size());
  // Weights that bf16 holds exactly: the oracle does not round them.
  std::ranges::transform(start.buffer(), parameters.begin(), [](float x) { return static_cast<float>(bf16{x}); });
  TrainingSession<Backend, Storage> session{Net::program, batch};
  std::vector<Scalar> images(batch * Net::input_shape.size());
  std::vector<Scalar> slope(batch * Net::output_shape.size());
  Rng rng{Seed{4}};
  for (Scalar& x : images) x = static_cast<Scalar>(rng.normal());
  for (Scalar& x : slope) x = static_cast<Scalar>(rng.normal()) / Scalar{batch};
  std::vector<Scalar> gradients(Net::program.trainable_size);
  const auto logits = session.forward(images, parameters, 0);
  std::vector<std::vector<double>> results{{logits.begin(), logits.end()}};
  session.backward(slope, gradients);
  for (const Parameter& parameter : Net::program.parameters) {
    const auto& buffer = trainable(parameter.role) ? gradients : parameters;
    const auto tensor = std::span{buffer}.subspan(parameter.offset, parameter.size);
    results.emplace_back(tensor.begin(), tensor.end());
  }
  return results;
}

/// |a - b| / |b|, the norms taken over the tensor. Gradients that vanish in exact arithmetic (the scale of a norm
/// behind which another norm stands) are pure rounding, so numbers count as at least 0.01.
double distance(const std::vector<double>& a, const std::vector<double>& b) {
  double difference = 0;
  double norm = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    norm += b[i] * b[i];
  }
  return std::sqrt(difference / (norm + 1e-4 * static_cast<double>(b.size())));
}

void expect_close(const std::vector<std::vector<double>>& found, const std::vector<std::vector<double>>& expected,
                  double tolerance) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_LT(distance(found[i], expected[i]), tolerance)
        << (i == 0 ? "logits" : Net::program.parameters[i - 1].name.view());
  }
}

TEST(OneDnn, StepOfAWholeNetworkAgreesWithTheOracle) {
  expect_close(step<OneDnn, float>(), step<Reference<double>, double>(), 2e-5);
}

TEST(OneDnn, StepInMixedPrecisionAgreesWithTheOracle) {
  ATTAR_SKIP_WITHOUT_BF16();
  // The oracle rounds feature maps and gradients at the same places; a rounding that falls differently (2^-9) flips a
  // ReLU here and there and spreads through twenty layers. The steps agree in direction, not in digits.
  expect_close(step<OneDnn, bf16>(), step<Reference<float>, bf16>(), 0.2);
}

TEST(OneDnn, StepsAreReproducible) {
  EXPECT_EQ((step<OneDnn, float>()), (step<OneDnn, float>()));
  if (onednn_has_bf16()) {
    EXPECT_EQ((step<OneDnn, bf16>()), (step<OneDnn, bf16>()));
  }
}

}  // namespace
}  // namespace attar::test::onednn_test

#endif
