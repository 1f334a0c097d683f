// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "../../support/golden_layer.hpp"
#include "../../support/gradient_check.hpp"
#include <attar/backend/reference/pool.hpp>
#include <attar/model/sequential.hpp>

namespace attar::test::pool_test {
namespace {

using Image = Input<4, 4, 5>;

TEST(ReferencePool, AgreesWithPyTorchTiesIncluded) {
  check_golden<Sequential<Image, MaxPool2d<2>>>(golden::max_pool);
  check_golden<Sequential<Image, MaxPool2d<3, Stride<2>, Padding<1>>>>(golden::max_pool_padded);
  check_golden<Sequential<Image, AvgPool2d<2>>>(golden::avg_pool);
  check_golden<Sequential<Image, AvgPool2d<3, Stride<2>, Padding<1>>>>(golden::avg_pool_padded);
  check_golden<Sequential<Image, GlobalAvgPool>>(golden::global_avg_pool);
}

TEST(ReferencePool, HasTheGradientsOfNumericalDifferentiation) {
  check_last_operation<Sequential<Image, MaxPool2d<2>>>();
  check_last_operation<Sequential<Image, MaxPool2d<3, Stride<1>, Padding<1>>>>();
  check_last_operation<Sequential<Image, MaxPool2d<2, Stride<3, 2>, Padding<1, 0>>>>();
  check_last_operation<Sequential<Image, AvgPool2d<2>>>();
  check_last_operation<Sequential<Image, AvgPool2d<3, Stride<1, 2>, Padding<1>>>>();
  check_last_operation<Sequential<Image, GlobalAvgPool>>();
}

TEST(ReferencePool, PaddingNeverWins) {
  using Net = Sequential<Input<1, 2, 2>, MaxPool2d<3, Stride<1>, Padding<1>>>;
  OperationCase one{Net::program, Net::program.ops[0], 1};
  one.operands[0] = {-4, -3, -2, -1};
  one.forward();
  EXPECT_EQ(one.output, Numbers(4, -1));
}

TEST(ReferencePool, TheFirstOfEqualsGetsTheGradient) {
  using Net = Sequential<Input<1, 2, 2>, MaxPool2d<2>>;
  OperationCase one{Net::program, Net::program.ops[0], 1};
  one.operands[0] = {1, 5, 5, 5};
  one.output_gradient = {3};
  one.forward();
  one.backward();
  EXPECT_EQ(one.operand_gradients[0], (Numbers{0, 3, 0, 0}));
}

TEST(ReferencePool, NanWins) {
  using Net = Sequential<Input<1, 2, 2>, MaxPool2d<2>>;
  for (std::size_t place = 0; place < 4; ++place) {
    OperationCase one{Net::program, Net::program.ops[0], 1};
    one.operands[0] = {1, 2, 3, std::numeric_limits<double>::infinity()};
    one.operands[0][place] = std::numeric_limits<double>::quiet_NaN();
    one.forward();
    EXPECT_TRUE(std::isnan(one.output[0])) << place;
  }
}

TEST(ReferencePool, AlsoOfNothingButMinusInfinity) {
  using Net = Sequential<Input<1, 2, 2>, MaxPool2d<2>>;
  OperationCase one{Net::program, Net::program.ops[0], 1};
  std::ranges::fill(one.operands[0], -std::numeric_limits<double>::infinity());
  one.output_gradient = {1};
  one.forward();
  one.backward();
  EXPECT_EQ(one.output[0], -std::numeric_limits<double>::infinity());
  EXPECT_EQ(one.operand_gradients[0], (Numbers{1, 0, 0, 0}));
}

}  // namespace
}  // namespace attar::test::pool_test
