// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "loss_case.hpp"
#include <attar/loss/soft_targets.hpp>

namespace {

using namespace attar;
using namespace attar_test;

class SoftTargetsCase : public ::testing::TestWithParam<std::size_t> {
 protected:
  const golden::LossCase& golden_ = golden::losses.at(GetParam());
};
INSTANTIATE_TEST_SUITE_P(Golden, SoftTargetsCase, ::testing::Range<std::size_t>(0, golden::losses.size()));

TEST_P(SoftTargetsCase, AgreesWithPyTorch) {
  const Case<double> c{golden_};
  expect_golden(c.run<SoftTargets<Temperature<1>>>(), golden_.soft_targets[0], 1e-10);
  expect_golden(c.run<SoftTargets<Temperature<5, 2>>>(), golden_.soft_targets[1], 1e-10);
  expect_golden(c.run<SoftTargets<>>(), golden_.soft_targets[2], 1e-10);
  expect_golden(c.run<SoftTargets<Temperature<20>>>(), golden_.soft_targets[3], 1e-10);
}

TEST_P(SoftTargetsCase, AgreesWithPyTorchInFloat) {
  const Case<float> c{golden_};
  expect_golden(c.run<SoftTargets<Temperature<1>>>(), golden_.soft_targets[0], 1e-6);
  expect_golden(c.run<SoftTargets<Temperature<5, 2>>>(), golden_.soft_targets[1], 1e-6);
  expect_golden(c.run<SoftTargets<>>(), golden_.soft_targets[2], 1e-6);
  expect_golden(c.run<SoftTargets<Temperature<20>>>(), golden_.soft_targets[3], 1e-6);
}

TEST_P(SoftTargetsCase, GradientIsThatOfTheLoss) {
  expect_gradient_of_loss<SoftTargets<Temperature<2>>>(golden_);
  expect_gradient_of_loss<SoftTargets<Temperature<20>, Weight<9, 10>>>(golden_);
}

TEST_P(SoftTargetsCase, GradientRowsSumToZero) {
  expect_rows_sum_to_zero<SoftTargets<Temperature<1>>>(golden_);
  expect_rows_sum_to_zero<SoftTargets<Temperature<20>>>(golden_);
}

TEST_P(SoftTargetsCase, AStudentEqualToTheTeacherCostsNothing) {
  Case<float> c{golden_};
  c.student = c.teacher;
  const auto result = c.run<SoftTargets<>>();
  EXPECT_EQ(result.loss, 0.0);
  EXPECT_EQ(result.gradient, std::vector<float>(c.student.size()));
}

TEST_P(SoftTargetsCase, CostsSomethingOtherwise) {
  EXPECT_GT(Case<double>{golden_}.run<SoftTargets<>>().loss, 0.0);
}

TEST_P(SoftTargetsCase, WeightScalesLossAndGradient) {
  const auto whole = Case<double>{golden_}.run<SoftTargets<>>();
  const auto part = Case<double>{golden_}.run<SoftTargets<Weight<9, 10>>>();
  EXPECT_DOUBLE_EQ(part.loss, 0.9 * whole.loss);
  for (std::size_t i = 0; i < whole.gradient.size(); ++i) {
    EXPECT_NEAR(part.gradient[i], 0.9 * whole.gradient[i], 1e-15);
  }
}

// Logits and temperature both three times as large: the distributions are the same, so the loss grows by T^2 and the
// gradient by T. Without the T^2 the gradient would shrink.
TEST_P(SoftTargetsCase, IsScaledByTheSquareOfTheTemperature) {
  Case<double> c{golden_};
  const auto cold = c.run<SoftTargets<Temperature<2>>>();
  for (double& logit : c.student) logit *= 3;
  for (double& logit : c.teacher) logit *= 3;
  const auto warm = c.run<SoftTargets<Temperature<6>>>();
  EXPECT_NEAR(warm.loss, 9 * cold.loss, 1e-12 * warm.loss);
  for (std::size_t i = 0; i < cold.gradient.size(); ++i) {
    EXPECT_NEAR(warm.gradient[i], 3 * cold.gradient[i], 1e-12);
  }
}

// Hinton et al., section 2.1: at high temperature it is half the mean squared difference of centered logits.
TEST_P(SoftTargetsCase, HotLimitIsTheDifferenceOfLogits) {
  const Case<double> c{golden_};
  const auto gradient = c.run<SoftTargets<Temperature<1000000>>>().gradient;
  for (std::size_t image = 0; image < c.batch; ++image) {
    double mean = 0.0;
    for (std::size_t k = 0; k < c.classes; ++k) {
      mean += c.student[image * c.classes + k] - c.teacher[image * c.classes + k];
    }
    mean /= static_cast<double>(c.classes);
    for (std::size_t k = 0; k < c.classes; ++k) {
      const std::size_t i = image * c.classes + k;
      const double expected = (c.student[i] - c.teacher[i] - mean) / static_cast<double>(c.classes * c.batch);
      EXPECT_NEAR(gradient[i], expected, 1e-3 * (1 + std::abs(expected)));
    }
  }
}

TEST(SoftTargets, TheLabelsDoNotMatter) {
  Case<double> c{golden::losses[1]};
  const double before = c.run<SoftTargets<>>().loss;
  c.labels.clear();
  EXPECT_EQ(c.run<SoftTargets<>>().loss, before);
}

TEST(SoftTargets, AClassThatTheTeacherRulesOutIsAllowed) {
  Case<double> c{golden::losses[1]};
  c.teacher[3] = -std::numeric_limits<double>::infinity();
  const auto result = c.run<SoftTargets<>>();
  EXPECT_TRUE(std::isfinite(result.loss));
  EXPECT_TRUE(std::ranges::all_of(result.gradient, [](double x) { return std::isfinite(x); }));
}

TEST(SoftTargets, NonFiniteLogitsMakeTheLossNonFinite) {
  Case<float> c{golden::losses[1]};
  c.student.front() = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(std::isfinite(c.run<SoftTargets<>>().loss));
  c = Case<float>{golden::losses[1]};
  c.teacher.back() = std::numeric_limits<float>::infinity();
  EXPECT_FALSE(std::isfinite(c.run<SoftTargets<>>().loss));
}

TEST(SoftTargets, WeightZeroNeedsNoTeacher) {
  EXPECT_TRUE(SoftTargets<>::needs_teacher);
  EXPECT_FALSE(SoftTargets<Weight<0>>::needs_teacher);
  const auto nothing = Case<double>{golden::losses[0]}.run<SoftTargets<Weight<0>>>();
  EXPECT_EQ(nothing.loss, 0.0);
  EXPECT_EQ(nothing.gradient, std::vector<double>(nothing.gradient.size()));
}

}  // namespace
