// SPDX-License-Identifier: MIT
#include <vector>

#include <gtest/gtest.h>

#include "../support/golden_layer.hpp"
#include "../support/gradient_check.hpp"
#include <attar/backend/reference.hpp>
#include <attar/backend/training_session.hpp>
#include <attar/core/dtype.hpp>
#include <attar/model/sequential.hpp>

namespace attar::test::reference_test {
namespace {

/// The network of the same name in golden/make_layers.py.
using Net =
    Sequential<Input<2, 4, 8>, Conv2d<4, Kernel<3>>, BatchNorm2d, ReLU,
               Residual<Stack<DepthwiseConv2d<Kernel<3>, Stride<2>>, BatchNorm2d, ReLU6, Conv2d<6>, BatchNorm2d>,
                        Stack<Conv2d<6, Stride<2>>, BatchNorm2d>>,
               ReLU, MaxPool2d<2>, Flatten, Linear<3>>;

TEST(Reference, ANetworkAgreesWithPyTorch) {
  check_golden<Net>(golden::network);
}

TEST(Reference, ASessionAgreesWithPyTorch) {
  constexpr Tolerance printed{1e-10, 1e-11};
  const golden::Layer& expected = golden::network;
  const Program& program = Net::program;
  Numbers parameters(program.buffer_size);
  for (std::size_t i = 0; i < program.parameters.size(); ++i) {
    std::ranges::copy(expected.parameters[i],
                      parameters.begin() + static_cast<std::ptrdiff_t>(program.parameters[i].offset));
  }
  TrainingSession<Reference<double>> session{program, expected.batch};
  expect_near(expected.output, session.forward(expected.input, parameters, 0), "logits", printed);
  Numbers gradients(program.trainable_size);
  session.backward(expected.output_gradient, gradients);
  std::size_t next = 0;
  for (std::size_t i = 0; i < program.parameters.size(); ++i) {
    const Parameter& parameter = program.parameters[i];
    const std::string name{parameter.name.view()};
    expect_near(expected.parameters_after[i], std::span{parameters}.subspan(parameter.offset, parameter.size), name,
                printed);
    if (!trainable(parameter.role)) continue;
    expect_near(expected.gradients[next++], std::span{gradients}.subspan(parameter.offset, parameter.size), name,
                printed);
  }
}

TEST(Reference, InFloatAndBf16IsNearDouble) {
  const Numbers parameters = random_parameters(Net::program);
  const Numbers images = normal_numbers(4 * 64, 1);
  const Numbers weights = normal_numbers(4 * 3, 2);
  const auto run = [&]<class Session>(std::type_identity<Session>) {
    using Scalar = typename Session::Scalar;
    Session session{Net::program, 4};
    std::vector<Scalar> buffer(parameters.begin(), parameters.end());
    std::vector<Scalar> gradients(Net::program.trainable_size);
    const std::vector<Scalar> input(images.begin(), images.end());
    const std::vector<Scalar> gradient(weights.begin(), weights.end());
    session.forward(input, buffer, 0);
    session.backward(gradient, gradients);
    return Numbers(gradients.begin(), gradients.end());
  };
  const Numbers exact = run(std::type_identity<TrainingSession<Reference<double>>>{});
  const Numbers single = run(std::type_identity<TrainingSession<Reference<float>>>{});
  const Numbers half = run(std::type_identity<TrainingSession<Reference<float>, bf16>>{});
  expect_near(exact, single, "float", {1e-3, 1e-3});
  // bf16 has 8 bits; single numbers may differ much where a ReLU flips, the direction not.
  EXPECT_GT(dot(exact, half), 0.95 * std::sqrt(dot(exact, exact) * dot(half, half)));
}

}  // namespace
}  // namespace attar::test::reference_test
