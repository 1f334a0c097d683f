// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>

#include <gtest/gtest.h>

#include <attar/backend/aware/slope.hpp>

namespace attar::detail::slope_test {
namespace {

using One = Floats<1>;

/// Values are those of the exact functions, and gradients their slopes, away from the kinks.
void expect_slope(Activation function, OpKind kind) {
  constexpr double scale = 0.05;
  Int8Op op;
  op.op = {.kind = kind, .activation = function};
  op.slope = static_cast<float>(scale / 6);
  op.shift = static_cast<float>(3 / scale);
  with_aware_activation(op, scale, [&](auto activation) {
    for (double x = -8.03; x < 8; x += 0.1) {
      // A hard sigmoid gets (x + 3) / 6 of its multipliers.
      const bool sigmoid = function == Activation::hard_sigmoid;
      const One y = One{} + static_cast<float>((sigmoid ? (x + 3) / 6 : x) / scale);
      EXPECT_NEAR(static_cast<double>(activation.value(y)[0]) * scale, exact_activation(function, x), 1e-5) << x;
      const double slope = (exact_activation(function, x + 1e-6) - exact_activation(function, x - 1e-6)) / 2e-6;
      EXPECT_NEAR(static_cast<double>(activation.gradient(y, One{} + 2.0F)[0]), 2 * slope, 1e-5) << x;
    }
  });
}

TEST(AwareActivations, HaveTheSlopesOfTheFunctions) {
  for (const Activation function :
       {Activation::none, Activation::relu, Activation::relu6, Activation::hard_swish, Activation::hard_sigmoid}) {
    expect_slope(function, OpKind::conv2d);
    expect_slope(function, OpKind::add);
  }
}

TEST(AwareActivations, TakeTheFlatSideOfAKink) {
  Int8Op op;
  op.op = {.kind = OpKind::conv2d, .activation = Activation::relu6};
  with_aware_activation(op, 1, [](auto relu6) {
    EXPECT_EQ(relu6.gradient(One{}, One{} + 1.0F)[0], 0.0F);
    EXPECT_EQ(relu6.gradient(One{} + 6.0F, One{} + 1.0F)[0], 0.0F);
  });
}

}  // namespace
}  // namespace attar::detail::slope_test
