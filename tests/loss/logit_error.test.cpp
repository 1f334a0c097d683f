// SPDX-License-Identifier: MIT
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include "../golden/output_terms.hpp"
#include "loss_case.hpp"
#include <attar/loss/logit_error.hpp>
#include <attar/loss/soft_targets.hpp>

namespace attar::logit_error_test {
namespace {

using namespace attar;
using namespace attar_test;

class LogitErrorCase : public ::testing::TestWithParam<std::size_t> {
 protected:
  const golden::OutputTerms& golden_ = golden::output_terms.at(GetParam());
  const golden::LossCase& inputs_ = golden_.inputs;
};
INSTANTIATE_TEST_SUITE_P(Golden, LogitErrorCase, ::testing::Range<std::size_t>(0, golden::output_terms.size()));

TEST_P(LogitErrorCase, AgreesWithPyTorch) {
  expect_golden(Case<double>{inputs_}.run<LogitError<>>(), golden_.logit_error, 1e-12);
  expect_golden(Case<float>{inputs_}.run<LogitError<>>(), golden_.logit_error, 1e-6);
}

TEST_P(LogitErrorCase, GradientIsThatOfTheLoss) {
  expect_gradient_of_loss<LogitError<Weight<3, 2>>>(inputs_);
}

TEST_P(LogitErrorCase, AStudentEqualToTheTeacherCostsNothing) {
  Case<float> c{inputs_};
  c.student = c.teacher;
  const auto result = c.run<LogitError<>>();
  EXPECT_EQ(result.loss, 0.0);
  EXPECT_EQ(result.gradient, std::vector<float>(c.student.size()));
}

TEST_P(LogitErrorCase, WeightScalesLossAndGradient) {
  expect_weight_scales<LogitError>(inputs_);
}

TEST_P(LogitErrorCase, ImagesAreWeighted) {
  expect_images_are_weighted<LogitError<>>(inputs_);
}

TEST_P(LogitErrorCase, BadLogitsShow) {
  expect_bad_logits_show<LogitError<>>(inputs_);
}

// Hinton et al., section 2.1.
TEST_P(LogitErrorCase, HalfOfItIsTheHotLimitOfSoftTargets) {
  Case<double> c{inputs_};
  for (std::vector<double>* logits : {&c.student, &c.teacher}) {
    for (std::size_t image = 0; image < c.batch; ++image) {
      double mean = 0.0;
      for (std::size_t k = 0; k < c.classes; ++k) mean += (*logits)[image * c.classes + k];
      mean /= static_cast<double>(c.classes);
      for (std::size_t k = 0; k < c.classes; ++k) (*logits)[image * c.classes + k] -= mean;
    }
  }
  const auto half = c.run<LogitError<Weight<1, 2>>>();
  const auto hot = c.run<SoftTargets<Temperature<100000>>>();
  EXPECT_NEAR(half.loss, hot.loss, 1e-3 * half.loss);
  for (std::size_t i = 0; i < half.gradient.size(); ++i) EXPECT_NEAR(half.gradient[i], hot.gradient[i], 1e-3);
}

TEST(LogitError, WeightZeroNeedsNoTeacher) {
  expect_weight_zero_does_nothing<LogitError>(golden::losses[0]);
}

}  // namespace
}  // namespace attar::logit_error_test
