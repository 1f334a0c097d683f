// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "../golden/output_terms.hpp"
#include "loss_case.hpp"
#include <attar/loss/soft_targets.hpp>

namespace attar::soft_targets_test {
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
  expect_weight_scales<SoftTargets>(golden_);
}

TEST_P(SoftTargetsCase, TemperatureCanChange) {
  expect_temperature_ramps<SoftTargets>(golden_);
}

TEST_P(SoftTargetsCase, ImagesAreWeighted) {
  expect_images_are_weighted<SoftTargets<>>(golden_);
}

TEST_P(SoftTargetsCase, BadLogitsShow) {
  expect_bad_logits_show<SoftTargets<>>(golden_);
  expect_bad_logits_show<SoftTargets<Standardized>>(golden_);
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

TEST(SoftTargets, WeightZeroNeedsNoTeacher) {
  expect_weight_zero_does_nothing<SoftTargets>(golden::losses[0]);
}

class StandardizedTargets : public ::testing::TestWithParam<std::size_t> {
 protected:
  const golden::OutputTerms& golden_ = golden::output_terms.at(GetParam());
};
// Without the case of two classes, which has no gradient to hold against PyTorch's.
INSTANTIATE_TEST_SUITE_P(Golden, StandardizedTargets, ::testing::Range<std::size_t>(1, golden::output_terms.size()));

TEST_P(StandardizedTargets, AgreeWithPyTorch) {
  const Case<double> c{golden_.inputs};
  expect_golden(c.run<SoftTargets<Standardized, Temperature<2>>>(), golden_.standardized[0], 1e-10);
  expect_golden(c.run<SoftTargets<Temperature<20>, Standardized>>(), golden_.standardized[1], 1e-10);
}

TEST_P(StandardizedTargets, AgreeWithPyTorchInFloat) {
  const Case<float> c{golden_.inputs};
  expect_golden(c.run<SoftTargets<Standardized, Temperature<2>>>(), golden_.standardized[0], 1e-5);
  expect_golden(c.run<SoftTargets<Temperature<20>, Standardized>>(), golden_.standardized[1], 1e-5);
}

TEST_P(StandardizedTargets, GradientIsThatOfTheLoss) {
  expect_gradient_of_loss<SoftTargets<Standardized, Temperature<2>>>(golden_.inputs);
  expect_gradient_of_loss<SoftTargets<Standardized, Temperature<1>, Weight<3>>>(golden_.inputs);
}

TEST_P(StandardizedTargets, GradientRowsSumToZero) {
  expect_rows_sum_to_zero<SoftTargets<Standardized, Temperature<2>>>(golden_.inputs);
}

// Only the order and the distances of logits count, not their range.
TEST_P(StandardizedTargets, StretchedLogitsAreTheSame) {
  Case<double> c{golden_.inputs};
  const auto before = c.run<SoftTargets<Standardized>>();
  for (double& logit : c.student) logit = 3 * logit - 7;
  for (double& logit : c.teacher) logit = logit / 5 + 2;
  const auto after = c.run<SoftTargets<Standardized>>();
  EXPECT_NEAR(after.loss, before.loss, 1e-12 * (1 + before.loss));
  for (std::size_t i = 0; i < before.gradient.size(); ++i) {
    EXPECT_NEAR(after.gradient[i], before.gradient[i] / 3, 1e-12);
  }
}

// So the gradient never points to where the logits are only stretched.
TEST_P(StandardizedTargets, GradientDoesNotStretch) {
  const Case<double> c{golden_.inputs};
  const auto gradient = c.run<SoftTargets<Standardized>>().gradient;
  for (std::size_t image = 0; image < c.batch; ++image) {
    double along = 0.0;
    for (std::size_t i = image * c.classes; i < (image + 1) * c.classes; ++i) along += gradient[i] * c.student[i];
    EXPECT_NEAR(along, 0.0, 1e-13);
  }
}

TEST_P(StandardizedTargets, AStretchedTeacherCostsNothing) {
  Case<double> c{golden_.inputs};
  for (std::size_t i = 0; i < c.student.size(); ++i) c.student[i] = 2 * c.teacher[i] + 1;
  const auto result = c.run<SoftTargets<Standardized>>();
  EXPECT_NEAR(result.loss, 0.0, 1e-13);
  for (const double x : result.gradient) EXPECT_NEAR(x, 0.0, 1e-14);
}

// The z-scores of two logits are 1 and -1 whatever the logits, so there is nothing to learn but which is larger.
TEST(SoftTargets, StandardizedTwoClassesHaveNoGradient) {
  const golden::OutputTerms& golden = golden::output_terms[0];
  const auto result = Case<double>{golden.inputs}.run<SoftTargets<Standardized, Temperature<2>>>();
  EXPECT_NEAR(result.loss, golden.standardized[0].value, 1e-10 * result.loss);
  for (const double x : result.gradient) EXPECT_NEAR(x, 0.0, 1e-14);
}

}  // namespace
}  // namespace attar::soft_targets_test
