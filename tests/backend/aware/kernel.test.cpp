// SPDX-License-Identifier: MIT
#include <cstddef>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/aware/kernel.hpp>
#include <attar/backend/reference.hpp>
#include <attar/model/quantization_aware.hpp>

namespace attar::detail::kernel_test {
namespace {

/// One operation on values of two channels and one pixel, all with steps of 1 unless said otherwise.
template <class A, class Operation, class Scheme = Int8<>>
struct Case {
  using Aware = QuantizationAware<A, Scheme, LearnedStep>;
  Network<Aware> network;
  AwareShared shared{Aware::program, fuse(Aware::program, FuseFor::inference), 1};
  Network<Aware> gradients;
  std::vector<float> first{3, -5};
  std::vector<float> second{10, 20};
  std::vector<float> output = std::vector<float>(4);
  std::vector<float> output_gradient{1, 2, 3, 4};
  std::vector<float> first_gradient = std::vector<float>(2);
  std::vector<float> second_gradient = std::vector<float>(2);
  OperationArguments<float, float> arguments;

  Case() {
    constexpr bool asymmetric = Scheme::asymmetric;
    for (float& number : network.tensor(asymmetric ? "activation_offset" : "activation_signed")) {
      number = asymmetric ? -100 : 1;
    }
    for (float& limit : network.tensor("activation_limit")) limit = asymmetric ? 255 : 127;
    arguments.inputs = {first.data(), second.data()};
    arguments.output = output.data();
    arguments.output_gradient = output_gradient.data();
    arguments.input_gradients = {first_gradient.data(), second_gradient.data()};
    arguments.parameters = network.buffer().data();
    arguments.gradients = gradients.buffer().data();
  }

  [[nodiscard]] OperationContext context() const { return {shared.fused.ops.back(), Aware::program, 1, true}; }
  void run(attar::Operation<float, float>& operation) {
    shared.quantizers.update(network.buffer());
    operation.forward(arguments);
    operation.backward(arguments);
  }
  void run_with_bare() {
    Operation operation{context(), shared, Reference<float>::prepare<float>(context())};
    run(operation);
  }
};

TEST(AwareKernel, ConcatenatesByTheScalesOfTheOperands) {
  Case<Sequential<Input<2, 1, 1>, Concat<Stack<>, Stack<>>>, AwareLinearMap> c;
  c.network.tensor("activation_limit")[1] = 63.5F;  // The result has half the step of its parts.
  c.first = {3, -70};
  c.arguments.inputs = {c.first.data(), c.second.data()};
  c.run_with_bare();
  EXPECT_EQ(c.output, (std::vector<float>{6, -128, 20, 40}));
  EXPECT_EQ(c.first_gradient, (std::vector<float>{1, 0})) << "what is clipped has no gradient";
  EXPECT_EQ(c.second_gradient, (std::vector<float>{3, 4}));
}

TEST(AwareKernel, ConcatenatesAndLearnsTheOffset) {
  Case<Sequential<Input<2, 1, 1>, Concat<Stack<>, Stack<>>>, AwareLinearMap, Int8<Asymmetric>> c;
  c.network.tensor("activation_limit")[1] = 127.5F;  // Half a step: from -50 to 77.5.
  c.network.tensor("activation_offset")[1] = -50;
  c.first = {3, -70};
  c.arguments.inputs = {c.first.data(), c.second.data()};
  c.run_with_bare();
  EXPECT_EQ(c.output, (std::vector<float>{6, -100, 20, 40})) << "less the zero points";
  EXPECT_EQ(c.first_gradient, (std::vector<float>{1, 0}));
  EXPECT_EQ(c.gradients.tensor("activation_offset")[1], 2.0F) << "of what is clipped";
  EXPECT_EQ(c.gradients.tensor("activation_limit")[1], 0.0F) << "which at the lower end is not moved by the limit";
}

/// The same for a product, in which each operand is the other's gradient, times its scale.
TEST(AwareScale, GivesEachOperandTheOtherTimesItsScale) {
  using Net = Sequential<Input<2, 1, 1>, SqueezeExcite<1>>;
  Case<Net, AwareScale> c;
  const Op& op = c.shared.fused.ops.back();
  ASSERT_EQ(op.kind, OpKind::scale);
  c.network.tensor("activation_limit")[static_cast<std::size_t>(op.operands[0])] = 254;    // A step of 2,
  c.network.tensor("activation_limit")[static_cast<std::size_t>(op.operands[1])] = 63.5F;  // and one of 1/2.
  c.run_with_bare();
  EXPECT_EQ((std::vector<float>{c.output[0], c.output[1]}), (std::vector<float>{30, -100}));
  EXPECT_EQ(c.first_gradient, (std::vector<float>{1 * 10 * 0.5F, 2 * 20 * 0.5F}));
  EXPECT_EQ(c.second_gradient, (std::vector<float>{1 * 3 * 2, 2 * -5 * 2}));
}

TEST(AwareNorm, TrainsFactorAndShiftAndKeepsTheStatistics) {
  Case<Sequential<Input<2, 1, 1>, BatchNorm2dWith<Epsilon<0, 1>, Momentum<1, 10>>>, AwareLinearMap> c;
  c.network.tensor("0.weight")[0] = 4;
  c.network.tensor("0.weight")[1] = 8;
  c.network.tensor("0.bias")[1] = 1;
  c.network.tensor("0.running_mean")[0] = 1;
  for (float& variance : c.network.tensor("0.running_var")) variance = 4;
  AwareNorm operation{c.context(), c.shared};
  c.run(operation);
  EXPECT_EQ((std::vector<float>{c.output[0], c.output[1]}), (std::vector<float>{4, -19}));
  EXPECT_EQ(c.first_gradient, (std::vector<float>{2, 8}));
  EXPECT_EQ(c.gradients.tensor("0.weight")[0], 1.0F * (3 - 1) / 2);
  EXPECT_EQ(c.gradients.tensor("0.weight")[1], 2.0F * -5 / 2);
  EXPECT_EQ(c.gradients.tensor("0.bias")[1], 2.0F);
  EXPECT_EQ(c.network.tensor("0.running_mean")[0], 1.0F);
}

}  // namespace
}  // namespace attar::detail::kernel_test
