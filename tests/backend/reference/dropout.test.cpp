// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "../../support/gradient_check.hpp"
#include <attar/backend/reference/dropout.hpp>
#include <attar/model/sequential.hpp>

namespace attar::test::dropout_test {
namespace {

using detail::reference::dropout;
using detail::reference::Tensor;

Tensor<double> ones(int batch, Shape shape) {
  Tensor<double> tensor{batch, shape};
  std::ranges::fill(tensor.numbers, 1.0);
  return tensor;
}

TEST(ReferenceDropout, HasTheGradientsOfNumericalDifferentiation) {
  check_last_operation<Sequential<Input<4, 4, 5>, Dropout<Rate<1, 3>>>>();
}

TEST(ReferenceDropout, KeepsTheMean) {
  const Op op{.kind = OpKind::dropout, .output = 3, .rate = 0.25};
  const auto result = dropout(op, 1, ones(10, {10, 10, 10}));
  std::size_t zeros = 0;
  for (const double number : result.numbers) {
    EXPECT_TRUE(number == 0 || number == 1 / 0.75) << number;
    zeros += number == 0 ? 1U : 0U;
  }
  EXPECT_NEAR(static_cast<double>(zeros), 2500, 5 * std::sqrt(10000 * 0.25 * 0.75));
}

TEST(ReferenceDropout, MaskChangesWithStepImageAndLayerOnly) {
  const Op op{.kind = OpKind::dropout, .output = 3, .rate = 0.5};
  const auto first = dropout(op, 1, ones(2, {64}));
  EXPECT_EQ(first.numbers, dropout(op, 1, ones(2, {64})).numbers);
  EXPECT_NE(first.numbers, dropout(op, 2, ones(2, {64})).numbers);
  Op other = op;
  other.output = 4;
  EXPECT_NE(first.numbers, dropout(other, 1, ones(2, {64})).numbers);
  EXPECT_FALSE(std::equal(first.numbers.begin(), first.numbers.begin() + 64, first.numbers.begin() + 64));
}

TEST(ReferenceDropout, OfRateZeroDoesNothing) {
  const Op op{.kind = OpKind::dropout, .output = 3, .rate = 0};
  EXPECT_EQ(dropout(op, 1, ones(2, {64})).numbers, Numbers(128, 1.0));
}

}  // namespace
}  // namespace attar::test::dropout_test
