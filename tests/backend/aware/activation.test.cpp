// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/aware/activation.hpp>
#include <attar/model/quantization_aware.hpp>

namespace attar::detail::activation_test {
namespace {

using Net = Sequential<Input<1, 16, 16>, HardSwish>;
using Aware = QuantizationAware<Net, Int8<>, LearnedStep>;
constexpr std::size_t count = 256;
constexpr float step_in = 0.1F;
constexpr float step_out = 0.05F;  // Clips above 127 * 0.05 = 6.35.

struct Case {
  Network<Aware> network;
  AwareShared shared{Aware::program, fuse(Aware::program, FuseFor::inference), 1};
  AwareActivation operation{{Aware::program.ops[0], Aware::program, 1}, shared};
  Network<Aware> gradients;
  std::vector<float> q = std::vector<float>(count);
  std::vector<float> output = std::vector<float>(count);
  std::vector<float> output_gradient = std::vector<float>(count, 2.0F);
  std::vector<float> second = std::vector<float>(count, 1.0F);
  std::vector<float> input_gradient = std::vector<float>(count, 10.0F);
  OperationArguments<float, float> arguments;

  Case() {
    for (float& sign : network.tensor("activation_signed")) sign = 1;
    network.tensor("activation_limit")[0] = step_in * 127;
    network.tensor("activation_limit")[1] = step_out * 127;
    shared.quantizers.update(network.buffer());
    for (std::size_t i = 0; i < count; ++i) q[i] = static_cast<float>(i) - 128;
    arguments.inputs[0] = q.data();
    arguments.output = output.data();
    arguments.parameters = network.buffer().data();
    arguments.output_gradient = output_gradient.data();
    arguments.second_output_gradient = second.data();
    arguments.input_gradients[0] = input_gradient.data();
    arguments.gradients = gradients.buffer().data();
  }
};

double exact(std::size_t i) {
  return exact_activation(Activation::hard_swish, (static_cast<double>(i) - 128) * static_cast<double>(step_in));
}

TEST(AwareActivation, RoundsAsTheTableOfTheEngine) {
  Case c;
  c.operation.forward(c.arguments);
  for (std::size_t i = 0; i < count; ++i) {
    EXPECT_NEAR(c.output[i], std::min(exact(i) / static_cast<double>(step_out), 127.0), 0.5001) << i;
    EXPECT_EQ(c.output[i], std::nearbyint(c.output[i]));
  }
}

TEST(AwareActivation, PassesTheGradientOfTheFunctionWhereNothingIsClipped) {
  Case c;
  c.operation.forward(c.arguments);
  for (const bool accumulate : {false, true}) {
    c.arguments.accumulate[0] = accumulate;
    std::ranges::fill(c.input_gradient, 10.0F);
    c.operation.backward(c.arguments);
    double step_gradient = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const double x = (static_cast<double>(i) - 128) * static_cast<double>(step_in);
      const double y = exact(i) / static_cast<double>(step_out);
      const double slope = y > 127 ? 0 : reference::derivative(Activation::hard_swish, x);
      EXPECT_NEAR(c.input_gradient[i], 3 * slope + (accumulate ? 10 : 0), 1e-5) << i;
      const double q = static_cast<double>(c.output[i]);
      step_gradient += 3 * (y > 127 ? q : q - y);
    }
    EXPECT_NEAR(c.gradients.tensor("activation_limit")[1], step_gradient * std::sqrt(127.0 / 256), 1e-2);
  }
}

TEST(AwareActivation, RoundsAndClipsWithZeroPoints) {
  using Affine = QuantizationAware<Net, Int8<Asymmetric>, LearnedStep>;
  Network<Affine> network;
  network.tensor("activation_limit")[0] = 0.1F * 255;
  network.tensor("activation_offset")[0] = -0.1F * 100;
  network.tensor("activation_limit")[1] = 0.021F * 255;
  network.tensor("activation_offset")[1] = -0.021F * 10;  // From -0.21 to 5.145.
  AwareShared shared{Affine::program, fuse(Affine::program, FuseFor::inference), 1};
  shared.quantizers.update(network.buffer());
  AwareActivation operation{{Affine::program.ops[0], Affine::program, 1}, shared};
  Network<Affine> gradients;
  std::vector<float> q(count);
  for (std::size_t i = 0; i < count; ++i) q[i] = std::min(static_cast<float>(i) - 100, 155.0F);
  std::vector<float> output(count);
  const std::vector<float> output_gradient(count, 1.0F);
  OperationArguments<float, float> arguments;
  arguments.inputs[0] = q.data();
  arguments.output = output.data();
  arguments.output_gradient = output_gradient.data();
  arguments.gradients = gradients.buffer().data();
  operation.forward(arguments);
  operation.backward(arguments);
  int outside = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double y = exact_activation(Activation::hard_swish, static_cast<double>(q[i]) * 0.1) / 0.021;
    EXPECT_NEAR(output[i], std::clamp(y, -10.0, 245.0), 0.501) << i;
    outside += y < -10 || y > 245 ? 1 : 0;
  }
  EXPECT_EQ(gradients.tensor("activation_offset")[1], static_cast<float>(outside));
}

}  // namespace
}  // namespace attar::detail::activation_test
