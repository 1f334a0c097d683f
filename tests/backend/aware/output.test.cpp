// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "../../golden/quantization_aware.hpp"
#include <attar/backend/aware/output.hpp>
#include <attar/backend/default_backend.hpp>
#include <attar/backend/eigen.hpp>
#include <attar/backend/reference.hpp>
#include <attar/backend/training_session.hpp>
#include <attar/model/quantization_aware.hpp>

namespace attar::test::output_test {
namespace {

using ResidualNet = Sequential<Input<2, 5, 5>, Conv2d<4, Kernel<3>, Bias>, ReLU, Residual<Conv2d<4, Kernel<3>, Bias>>,
                               ReLU, GlobalAvgPool, Linear<3>>;
using MixedNet =
    Sequential<Input<2, 4, 4>, Conv2d<8, Kernel<3>, Bias>, HardSwish, SqueezeExcite<2>,
               Concat<Stack<>, Stack<BatchNorm2d, ReLU6, Conv2d<4, Bias>>>, AvgPool2d<2>, Flatten, Linear<3>>;

using SumNet = Sequential<Input<2, 5, 5>, Conv2d<4, Kernel<3>, Bias>,
                          Residual<Stack<HardSwish, Conv2d<4, Kernel<3>, Bias>>>, HardSwish, GlobalAvgPool, Linear<3>>;

void expect_near(std::span<const float> found, const std::vector<float>& truth, const std::string& what) {
  ASSERT_EQ(found.size(), truth.size()) << what;
  double largest = 1e-3;
  for (const float x : truth) largest = std::max(largest, std::abs(static_cast<double>(x)));
  for (std::size_t i = 0; i < truth.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(found[i]), static_cast<double>(truth[i]), 2e-5 * largest) << what << " " << i;
  }
}

/// Logits and all gradients are those of autograd on the formulas of the papers.
template <class Backend, class A, class Scheme, class Rule>
void expect_gradients_with(const golden::AwareCase& truth) {
  Network<QuantizationAware<A, Scheme, Rule>> network;
  for (const auto& [name, numbers] : truth.parameters) {
    ASSERT_EQ(network.tensor(name).size(), numbers.size()) << name;
    std::ranges::copy(numbers, network.tensor(name).begin());
  }
  TrainingSession<Backend> session{network.program, 3};
  Network<QuantizationAware<A, Scheme, Rule>> gradients;
  for (float& number : gradients.buffer()) number = 1e9F;  // All must be written.
  for (int step = 0; step < 2; ++step) {
    expect_near(session.forward(truth.images, network.buffer(), 0), truth.logits, "logits");
    session.backward(truth.logits_gradient, gradients.trainable());
  }
  for (const auto& [name, numbers] : truth.gradients) expect_near(gradients.tensor(name), numbers, name);
}

template <class A, class Scheme, class Rule>
void expect_gradients(const golden::AwareCase& truth) {
  expect_gradients_with<Reference<float>, A, Scheme, Rule>(truth);
  expect_gradients_with<EigenBackend, A, Scheme, Rule>(truth);
  expect_gradients_with<DefaultBackend, A, Scheme, Rule>(truth);
}

TEST(AwareOutput, HasTheGradientsOfStraightThroughEstimation) {
  expect_gradients<ResidualNet, Int8<>, StraightThrough>(golden::residual_straight_through);
  expect_gradients<MixedNet, Int8<>, StraightThrough>(golden::mixed_straight_through);
}

TEST(AwareOutput, HasTheGradientsOfLearnedSteps) {
  expect_gradients<ResidualNet, Int8<>, LearnedStep>(golden::residual_learned_step);
  expect_gradients<MixedNet, Int8<>, LearnedStep>(golden::mixed_learned_step);
  expect_gradients<ResidualNet, Int8<PerTensor, WeightBits<4>>, LearnedStep>(golden::residual_learned_step_of_7_levels);
}

TEST(AwareOutput, HasTheGradientsOfPact) {
  expect_gradients<ResidualNet, Int8<>, Pact>(golden::residual_pact);
  expect_gradients<MixedNet, Int8<>, Pact>(golden::mixed_pact);
}

TEST(AwareOutput, HasTheGradientsOfRangesWithZeroPoints) {
  using Scheme = Int8<Asymmetric>;
  expect_gradients<MixedNet, Scheme, StraightThrough>(golden::affine_straight_through);
  expect_gradients<MixedNet, Scheme, LearnedStep>(golden::affine_learned_step);
  expect_gradients<MixedNet, Scheme, Pact>(golden::affine_pact);
  expect_gradients<SumNet, Scheme, LearnedStep>(golden::affine_sum_learned_step);
}

}  // namespace
}  // namespace attar::test::output_test
