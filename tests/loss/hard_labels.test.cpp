// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "loss_case.hpp"
#include <attar/loss/hard_labels.hpp>

namespace attar::hard_labels_test {
namespace {

using namespace attar;
using namespace attar_test;

class HardLabelsCase : public ::testing::TestWithParam<std::size_t> {
 protected:
  const golden::LossCase& golden_ = golden::losses.at(GetParam());
};
INSTANTIATE_TEST_SUITE_P(Golden, HardLabelsCase, ::testing::Range<std::size_t>(0, golden::losses.size()));

TEST_P(HardLabelsCase, AgreesWithPyTorch) {
  expect_golden(Case<double>{golden_}.run<HardLabels<>>(), golden_.hard_labels[0], 1e-12);
  expect_golden(Case<double>{golden_}.run<HardLabels<Smoothing<1, 10>>>(), golden_.hard_labels[1], 1e-12);
}

TEST_P(HardLabelsCase, AgreesWithPyTorchInFloat) {
  expect_golden(Case<float>{golden_}.run<HardLabels<>>(), golden_.hard_labels[0], 1e-6);
  expect_golden(Case<float>{golden_}.run<HardLabels<Smoothing<1, 10>>>(), golden_.hard_labels[1], 1e-6);
}

TEST_P(HardLabelsCase, GradientIsThatOfTheLoss) {
  expect_gradient_of_loss<HardLabels<>>(golden_);
  expect_gradient_of_loss<HardLabels<Smoothing<1, 3>, Weight<3, 2>>>(golden_);
}

TEST_P(HardLabelsCase, GradientRowsSumToZero) {
  expect_rows_sum_to_zero<HardLabels<>>(golden_);
  expect_rows_sum_to_zero<HardLabels<Smoothing<1, 10>>>(golden_);
}

TEST_P(HardLabelsCase, WeightScalesLossAndGradient) {
  expect_weight_scales<HardLabels>(golden_);
  expect_weight_scales<HardLabels, Smoothing<1, 10>>(golden_);
}

TEST(HardLabels, WeightZeroDoesNothing) {
  Case<double> c{golden::losses[0]};
  c.labels.assign(c.batch, -1);  // It does not even look at them.
  const auto nothing = c.run<HardLabels<Weight<0>>>();
  EXPECT_EQ(nothing.loss, 0.0);
  EXPECT_EQ(nothing.gradient, std::vector<double>(c.student.size()));
}

TEST(HardLabels, EqualLogitsCostTheLogarithmOfTheClasses) {
  Case<double> c{golden::losses[1]};
  c.student.assign(c.student.size(), 7.0);
  EXPECT_DOUBLE_EQ(c.run<HardLabels<>>().loss, std::log(10.0));
  EXPECT_NEAR((c.run<HardLabels<Smoothing<1, 2>>>().loss), std::log(10.0), 1e-14);
}

TEST(HardLabels, NonFiniteLogitsMakeTheLossNonFinite) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    Case<float> c{golden::losses[1]};
    c.student.back() = bad;
    EXPECT_FALSE(std::isfinite(c.run<HardLabels<>>().loss));
  }
}

TEST(HardLabels, NeedsNoTeacher) {
  EXPECT_FALSE(HardLabels<>::needs_teacher);
}

}  // namespace
}  // namespace attar::hard_labels_test
