// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "../../support/golden_layer.hpp"
#include "../../support/gradient_check.hpp"
#include <attar/backend/reference/combine.hpp>
#include <attar/model/sequential.hpp>

namespace attar::test::combine_test {
namespace {

using Image = Input<4, 4, 5>;

TEST(ReferenceCombine, AddHasTheGradientsOfNumericalDifferentiation) {
  using Net = Sequential<Image, Residual<Conv2d<4>>>;
  for (const Activation activation : {Activation::none, Activation::relu, Activation::relu6}) {
    check_last_operation<Net>(false, activation);
  }
}

TEST(ReferenceCombine, ConcatHasTheGradientsOfNumericalDifferentiation) {
  check_last_operation<Sequential<Image, Concat<Conv2d<3>>>>();
  check_last_operation<Sequential<Image, Concat<Stack<>, Conv2d<3>>>>();
  check_last_operation<Sequential<Image, Concat<Conv2d<1>, Conv2d<3>, Conv2d<2>>>>();
}

TEST(ReferenceCombine, ScaleHasTheGradientsOfNumericalDifferentiation) {
  check_last_operation<Sequential<Image, SqueezeExcite<2>>>();
}

TEST(ReferenceCombine, ConcatKeepsTheOrderOfOperands) {
  detail::reference::Tensor<double> first{1, {1, 1, 2}};
  detail::reference::Tensor<double> second{1, {2, 1, 2}};
  first.numbers = {1, 2};
  second.numbers = {10, 11, 20, 21};
  const std::vector operands{first, second};
  const auto joined = detail::reference::concat<double>(operands, {3, 1, 2});
  EXPECT_EQ(joined.numbers, (Numbers{1, 10, 11, 2, 20, 21}));
  const auto parts = detail::reference::concat_gradients<double>(operands, joined);
  EXPECT_EQ(parts[0].numbers, first.numbers);
  EXPECT_EQ(parts[1].numbers, second.numbers);
}

TEST(ReferenceCombine, SqueezeExciteAgreesWithPyTorch) {
  check_golden<Sequential<Image, SqueezeExcite<2>>>(golden::squeeze_excite);
}

}  // namespace
}  // namespace attar::test::combine_test
