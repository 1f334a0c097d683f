// SPDX-License-Identifier: MIT
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <attar/backend/kernels/activate.hpp>

namespace attar::detail::activate_test {
namespace {

const Floats<4> points{-4, -1, 1, 7};
const Floats<4> ones{1, 1, 1, 1};

void expect_equal(Floats<4> expected, Floats<4> found) {
  for (int i = 0; i < 4; ++i) EXPECT_FLOAT_EQ(expected[i], found[i]) << "point " << i;
}

TEST(Activate, ComputesEachFunction) {
  expect_equal(points, activate<Activation::none>(points));
  expect_equal(Floats<4>{0, 0, 1, 7}, activate<Activation::relu>(points));
  expect_equal(Floats<4>{0, 0, 1, 6}, activate<Activation::relu6>(points));
  expect_equal(Floats<4>{0, -1.0F / 3, 2.0F / 3, 7}, activate<Activation::hard_swish>(points));
  expect_equal(Floats<4>{0, 1.0F / 3, 2.0F / 3, 1}, activate<Activation::hard_sigmoid>(points));
}

TEST(Activate, ComputesEachDerivative) {
  expect_equal(ones, activation_gradient<Activation::none>(points, ones));
  expect_equal(Floats<4>{0, 0, 1, 1}, activation_gradient<Activation::relu>(points, ones));
  expect_equal(Floats<4>{0, 0, 1, 0}, activation_gradient<Activation::relu6>(points, ones));
  expect_equal(Floats<4>{0, 1.0F / 6, 5.0F / 6, 1}, activation_gradient<Activation::hard_swish>(points, ones));
  expect_equal(Floats<4>{0, 1.0F / 6, 1.0F / 6, 0}, activation_gradient<Activation::hard_sigmoid>(points, ones));
}

TEST(Activate, AtAKinkTheFlatSideCounts) {
  expect_equal(Floats<4>{0, 0, 0, 0}, activation_gradient<Activation::relu>(Floats<4>{}, ones));
  expect_equal(Floats<4>{0, 0, 0, 0}, activation_gradient<Activation::relu6>(Floats<4>{6, 6, 0, 0}, ones));
}

TEST(Activate, NanStaysNan) {
  const Floats<4> nan = Floats<4>{} + std::numeric_limits<float>::quiet_NaN();
  for (const auto function :
       {Activation::none, Activation::relu, Activation::relu6, Activation::hard_swish, Activation::hard_sigmoid}) {
    with_activation(function, [&]<Activation Function>(ActivationConstant<Function>) {
      EXPECT_EQ(Function, function);
      EXPECT_TRUE(std::isnan(activate<Function>(nan)[0])) << static_cast<int>(function);
    });
  }
}

}  // namespace
}  // namespace attar::detail::activate_test
