// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "../golden/output_terms.hpp"
#include "loss_case.hpp"
#include <attar/core/error.hpp>
#include <attar/loss/decoupled_targets.hpp>
#include <attar/loss/log_softmax.hpp>
#include <attar/loss/soft_targets.hpp>

namespace attar::decoupled_targets_test {
namespace {

using namespace attar;
using namespace attar_test;

using TargetAlone = DecoupledTargets<TargetWeight<1>, OtherWeight<0>>;
using OthersAlone = DecoupledTargets<TargetWeight<0>, OtherWeight<1>>;

class DecoupledTargetsCase : public ::testing::TestWithParam<std::size_t> {
 protected:
  template <class T>
  void expect_pytorch(double tolerance) {
    const Case<T> c{inputs_};
    expect_golden(c.template run<DecoupledTargets<Temperature<1>>>(), golden_.decoupled[0], tolerance);
    expect_golden(c.template run<DecoupledTargets<>>(), golden_.decoupled[1], tolerance);
    expect_golden(c.template run<DecoupledTargets<Temperature<20>>>(), golden_.decoupled[2], tolerance);
    expect_golden(c.template run<DecoupledTargets<TargetWeight<2>, OtherWeight<1, 2>>>(), golden_.decoupled[3],
                  tolerance);
    if (c.classes == 2) return;  // The z-scores of two logits have no gradient to hold against PyTorch's.
    expect_golden(c.template run<DecoupledTargets<Standardized, Temperature<2>>>(), golden_.standardized_decoupled[0],
                  tolerance);
    expect_golden(c.template run<DecoupledTargets<Standardized, Temperature<20>>>(), golden_.standardized_decoupled[1],
                  tolerance);
  }

  const golden::OutputTerms& golden_ = golden::output_terms.at(GetParam());
  const golden::LossCase& inputs_ = golden_.inputs;
};
INSTANTIATE_TEST_SUITE_P(Golden, DecoupledTargetsCase, ::testing::Range<std::size_t>(0, golden::output_terms.size()));

TEST_P(DecoupledTargetsCase, AgreesWithPyTorch) {
  expect_pytorch<double>(1e-10);
}

TEST_P(DecoupledTargetsCase, AgreesWithPyTorchInFloat) {
  expect_pytorch<float>(1e-5);
}

TEST_P(DecoupledTargetsCase, GradientIsThatOfTheLoss) {
  expect_gradient_of_loss<DecoupledTargets<Temperature<2>>>(inputs_);
  expect_gradient_of_loss<DecoupledTargets<TargetWeight<3>, OtherWeight<1, 2>, Temperature<20>, Weight<9, 10>>>(
      inputs_);
  expect_gradient_of_loss<DecoupledTargets<Standardized, Temperature<2>>>(inputs_);
}

TEST_P(DecoupledTargetsCase, GradientRowsSumToZero) {
  expect_rows_sum_to_zero<DecoupledTargets<Temperature<1>>>(inputs_, 1e-13);
  expect_rows_sum_to_zero<DecoupledTargets<Temperature<20>>>(inputs_, 1e-13);
  expect_rows_sum_to_zero<DecoupledTargets<Standardized, Temperature<2>>>(inputs_, 1e-13);
}

TEST_P(DecoupledTargetsCase, AStudentEqualToTheTeacherCostsNothing) {
  Case<float> c{inputs_};
  c.student = c.teacher;
  const auto result = c.run<DecoupledTargets<>>();
  EXPECT_EQ(result.loss, 0.0);
  EXPECT_EQ(result.gradient, std::vector<float>(c.student.size()));
}

TEST_P(DecoupledTargetsCase, WeightScalesLossAndGradient) {
  expect_weight_scales<DecoupledTargets>(inputs_);
}

TEST_P(DecoupledTargetsCase, TemperatureCanChange) {
  expect_temperature_ramps<DecoupledTargets>(inputs_);
}

TEST_P(DecoupledTargetsCase, ImagesAreWeighted) {
  expect_images_are_weighted<DecoupledTargets<>>(inputs_);
}

TEST_P(DecoupledTargetsCase, BadLogitsShow) {
  expect_bad_logits_show<DecoupledTargets<Temperature<20>>>(inputs_);
}

TEST_P(DecoupledTargetsCase, HotGradientDoesNotDependOnTheTemperature) {
  expect_hot_limit<DecoupledTargets<Temperature<10000>>, DecoupledTargets<Temperature<20000>>>(inputs_);
}

// The decoupling, eq. 7 of the paper: KL = KL of the label + (1 - pt[label]) * KL among the others, image by image.
TEST_P(DecoupledTargetsCase, PartsAddUpToSoftTargets) {
  Case<double> c{inputs_};
  for (std::size_t image = 0; image < c.batch; ++image) {
    c.image_weights.assign(c.batch, 0.0);
    c.image_weights[image] = 1.0;
    const double others =
        1.0 - LogSoftmax{std::span<const double>{c.teacher}.subspan(image * c.classes, c.classes), 4.0}.probability(
                  static_cast<std::size_t>(c.labels[image]));
    const auto whole = c.run<SoftTargets<>>();
    const auto target_part = c.run<TargetAlone>();
    const auto other_part = c.run<OthersAlone>();
    EXPECT_NEAR(target_part.loss + others * other_part.loss, whole.loss, 1e-12 * (1 + whole.loss));
    for (std::size_t i = 0; i < whole.gradient.size(); ++i) {
      EXPECT_NEAR(target_part.gradient[i] + others * other_part.gradient[i], whole.gradient[i], 1e-13);
    }
  }
}

// The others are compared on their own, so the label's logit has no say in it, be it masked by -1000 or not.
TEST_P(DecoupledTargetsCase, TheLabelsLogitDoesNotMatterAmongTheOthers) {
  Case<double> c{inputs_};
  const auto before = c.run<OthersAlone>();
  for (std::size_t image = 0; image < c.batch; ++image) {
    c.student[image * c.classes + static_cast<std::size_t>(c.labels[image])] = 5000.0;
    c.teacher[image * c.classes + static_cast<std::size_t>(c.labels[image])] = 9000.0;
  }
  const auto after = c.run<OthersAlone>();
  EXPECT_EQ(after.loss, before.loss);
  EXPECT_EQ(after.gradient, before.gradient);
}

TEST(DecoupledTargets, TwoClassesLeaveNoOthersToCompare) {
  const Case<double> c{golden::output_terms[0].inputs};
  EXPECT_EQ(c.run<OthersAlone>().loss, 0.0);
  EXPECT_NEAR(c.run<DecoupledTargets<>>().loss, c.run<SoftTargets<>>().loss, 1e-13);
}

// A label that is surer than 1 - 1e-16 still has others that differ.
TEST(DecoupledTargets, SureLabelsLoseNoDigits) {
  const std::vector<double> logits{800.0, 0.0, std::log(3.0)};
  const detail::SplitSoftmax<double> split{std::span{logits}, 0, 1.0};
  EXPECT_EQ(split.log_target(), 0.0);
  EXPECT_NEAR(split.log_others(), std::log(4.0) - 800.0, 1e-12);
  EXPECT_DOUBLE_EQ(split.log_other(1), std::log(0.25));
  EXPECT_DOUBLE_EQ(split.log_other(2), std::log(0.75));
}

TEST(DecoupledTargets, AClassThatTheTeacherRulesOutIsAllowed) {
  Case<double> c{golden::losses[1]};
  for (const std::size_t k : {static_cast<std::size_t>(c.labels[0]), static_cast<std::size_t>(c.labels[0] + 1) % 10}) {
    c.teacher[k] = -std::numeric_limits<double>::infinity();
    const auto result = c.run<DecoupledTargets<>>();
    EXPECT_TRUE(std::isfinite(result.loss));
    EXPECT_TRUE(std::ranges::all_of(result.gradient, [](double x) { return std::isfinite(x); }));
  }
}

TEST(DecoupledTargets, OneClassIsRefused) {
  Case<double> c{golden::losses[0]};
  c.classes = 1;
  c.student.resize(c.batch);
  c.labels.assign(c.batch, 0);
  try {
    c.run<DecoupledTargets<>>();
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
  }
}

TEST(DecoupledTargets, WeightZeroNeedsNoTeacher) {
  expect_weight_zero_does_nothing<DecoupledTargets>(golden::losses[0]);
}

}  // namespace
}  // namespace attar::decoupled_targets_test
