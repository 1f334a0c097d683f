// SPDX-License-Identifier: MIT
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "../../support/golden_layer.hpp"
#include "../../support/gradient_check.hpp"
#include <attar/backend/reference/activation.hpp>
#include <attar/model/sequential.hpp>

namespace attar::test::activation_test {
namespace {

using detail::reference::activate;
using detail::reference::derivative;

constexpr Activation all[] = {Activation::none, Activation::relu, Activation::relu6, Activation::hard_swish,
                              Activation::hard_sigmoid};

TEST(ReferenceActivation, AgreesWithPyTorchKinksIncluded) {
  using Points = Input<65, 1, 1>;
  check_golden<Sequential<Points, ReLU>>(golden::relu);
  check_golden<Sequential<Points, ReLU6>>(golden::relu6);
  check_golden<Sequential<Points, HardSwish>>(golden::hard_swish);
}

TEST(ReferenceActivation, HasTheGradientsOfNumericalDifferentiation) {
  using Image = Input<4, 4, 5>;
  check_last_operation<Sequential<Image, ReLU>>();
  check_last_operation<Sequential<Image, ReLU6>>();
  check_last_operation<Sequential<Image, HardSwish>>();
  Op sigmoid = Sequential<Image, ReLU>::program.ops[0];
  sigmoid.activation = Activation::hard_sigmoid;
  OperationCase{Sequential<Image, ReLU>::program, sigmoid}.check();
}

TEST(ReferenceActivation, DerivativesOfReluAreTheSameAtTheResult) {
  // What fusion in training rests on.
  for (const Activation function : {Activation::relu, Activation::relu6}) {
    for (double x = -8; x <= 8; x += 0.25) {
      EXPECT_EQ(derivative(function, x), derivative(function, activate(function, x))) << x;
    }
  }
}

TEST(ReferenceActivation, NanStaysNan) {
  for (const Activation function : all) {
    EXPECT_TRUE(std::isnan(activate(function, std::numeric_limits<double>::quiet_NaN())));
  }
}

TEST(ReferenceActivation, InfinityIsClippedWhereTheFunctionIsBounded) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(activate(Activation::relu, infinity), infinity);
  EXPECT_EQ(activate(Activation::relu, -infinity), 0);
  EXPECT_EQ(activate(Activation::relu6, infinity), 6);
  EXPECT_EQ(activate(Activation::hard_sigmoid, infinity), 1);
  EXPECT_EQ(activate(Activation::hard_sigmoid, -infinity), 0);
}

TEST(ReferenceActivation, FinishAddsTheResidualFirst) {
  detail::reference::Tensor<double> result{1, {3}};
  result.numbers = {-2, 1, 7};
  const double residual[] = {3, -4, 1};
  const Op op{.activation = Activation::relu6};
  EXPECT_EQ(finish(op, result, residual).numbers, (Numbers{1, 0, 6}));
  EXPECT_EQ(finish(op, result, static_cast<const double*>(nullptr)).numbers, (Numbers{0, 1, 6}));
}

}  // namespace
}  // namespace attar::test::activation_test
