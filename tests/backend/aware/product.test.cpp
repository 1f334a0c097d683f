// SPDX-License-Identifier: MIT
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/aware/product.hpp>
#include <attar/backend/reference.hpp>
#include <attar/model/quantization_aware.hpp>

namespace attar::detail::product_test {
namespace {

/// Two inputs with a step of 2, weights with steps of 1/2 and 1/4, a result with a step of 1, and a reader of it.
using Net = Sequential<Input<2, 1, 1>, Linear<2>, ReLU, Linear<1>>;
using Aware = QuantizationAware<Net, Int8<>, LearnedStep>;

TEST(AwareProduct, MultipliesWholeNumbersAndPassesGradientsOfWhatTheyStandFor) {
  Network<Aware> network;
  network.tensor("activation_limit")[0] = 254;
  network.tensor("activation_signed")[0] = 1;
  network.tensor("activation_limit")[2] = 255;
  network.tensor("0.weight_limit")[0] = 63.5F;
  network.tensor("0.weight_limit")[1] = 31.75F;
  const std::vector<float> weights{1.1F, 2, -1, 0.3F};  // 2, 4, -4, 1 steps
  std::ranges::copy(weights, network.tensor("0.weight").begin());
  network.tensor("0.bias")[0] = 0.75F;
  AwareShared shared{Aware::program, fuse(Aware::program, FuseFor::inference), 1};
  shared.quantizers.update(network.buffer());
  const OperationContext context{shared.fused.ops[0], Aware::program, 1, true};
  Op bare = context.op;
  bare.bias = -1;
  bare.activation = Activation::none;
  AwareProduct operation{context, shared, Reference<float>::prepare<float>({bare, Aware::program, 1, true})};

  const std::vector<float> q{3, 1};  // 6 and 2
  std::vector<float> output(2);
  const std::vector<float> output_gradient{1, 10};
  std::vector<float> input_gradient(2, 100.0F);
  Network<Aware> gradients;
  OperationArguments<float, float> arguments;
  arguments.inputs[0] = q.data();
  arguments.output = output.data();
  arguments.parameters = network.buffer().data();
  arguments.output_gradient = output_gradient.data();
  arguments.input_gradients[0] = input_gradient.data();
  arguments.accumulate[0] = true;
  arguments.gradients = gradients.buffer().data();
  operation.forward(arguments);
  EXPECT_EQ(output, (std::vector<float>{11, 0})) << "6 * 1 + 2 * 2 + 0.75 is rounded up, -6 + 0.5 is cut off";

  operation.backward(arguments);
  EXPECT_EQ(input_gradient, (std::vector<float>{101, 102})) << "quantized weights, added to what was there";
  EXPECT_EQ((std::vector<float>{gradients.tensor("0.weight").begin(), gradients.tensor("0.weight").end()}),
            (std::vector<float>{6, 2, 0, 0}));
  EXPECT_EQ(gradients.tensor("0.bias")[0], 1.0F);
  EXPECT_EQ(gradients.tensor("0.bias")[1], 0.0F);
}

}  // namespace
}  // namespace attar::detail::product_test
