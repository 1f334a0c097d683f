// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "fusion_case.hpp"
#include <attar/distill/fused_logits.hpp>
#include <attar/loss/log_softmax.hpp>
#include <attar/loss/soft_targets.hpp>

namespace attar::fused_logits_test {
namespace {

using test::FusionCase;
constexpr std::array temperatures{1.0, 4.0, 20.0};

std::vector<float> mean(const FusionCase& c, const std::vector<double>& weights) {
  std::vector<float> fused(c.batch * c.classes);
  detail::mean_logits(c.views(), weights, fused);
  return fused;
}

std::vector<float> mixture(const FusionCase& c, const std::vector<double>& weights, double temperature) {
  std::vector<float> fused(c.batch * c.classes);
  detail::log_mean_probabilities(c.views(), weights, temperature, fused);
  return fused;
}

double largest(const std::vector<double>& numbers) {
  double result = 0;
  for (const double x : numbers) result = std::max(result, std::abs(x));
  return result;
}

class FusedLogits : public ::testing::TestWithParam<std::size_t> {
 protected:
  const golden::Fusion& golden_ = golden::fusions.at(GetParam());
  FusionCase case_{golden_};
};
INSTANTIATE_TEST_SUITE_P(Golden, FusedLogits, ::testing::Range<std::size_t>(0, golden::fusions.size()));

TEST_P(FusedLogits, AgreeWithPyTorch) {
  test::expect_all_near<float>(mean(case_, golden_.weights), golden_.mean_logits, 1e-7 * largest(golden_.mean_logits));
  for (std::size_t i = 0; i < temperatures.size(); ++i) {
    const std::vector<double>& expected = golden_.log_mean_probabilities[i];
    test::expect_all_near<float>(mixture(case_, golden_.weights, temperatures[i]), expected, 1e-7 * largest(expected));
  }
}

TEST_P(FusedLogits, TheMixtureHasTheWeightedMeanOfTheProbabilities) {
  for (const double t : temperatures) {
    const std::vector<float> fused = mixture(case_, golden_.weights, t);
    for (std::size_t image = 0; image < case_.batch; ++image) {
      const LogSoftmax row{std::span{fused}.subspan(image * case_.classes, case_.classes), t};
      for (std::size_t c = 0; c < case_.classes; ++c) {
        double expected = 0;
        for (std::size_t k = 0; k < case_.teachers(); ++k) {
          expected +=
              golden_.weights[k * case_.batch + image] * LogSoftmax{case_.views()[k].row(image), t}.probability(c);
        }
        EXPECT_NEAR(row.probability(c), expected, 2e-6);
      }
    }
  }
}

// Averaging logits is averaging the logarithms of probabilities: the two are not the same.
TEST_P(FusedLogits, TheMeanHasTheGeometricMeanOfTheProbabilities) {
  const std::vector<float> fused = mean(case_, golden_.weights);
  for (std::size_t image = 0; image < case_.batch; ++image) {
    const LogSoftmax row{std::span{fused}.subspan(image * case_.classes, case_.classes)};
    std::vector<double> logs(case_.classes);
    for (std::size_t k = 0; k < case_.teachers(); ++k) {
      const auto logits = case_.views()[k].row(image);
      for (std::size_t c = 0; c < case_.classes; ++c) {
        logs[c] += golden_.weights[k * case_.batch + image] * LogSoftmax{logits}[c];
      }
    }
    const LogSoftmax<double> expected{logs};
    for (std::size_t c = 0; c < case_.classes; ++c) EXPECT_NEAR(row.probability(c), expected.probability(c), 1e-6);
  }
}

TEST_P(FusedLogits, OneTeacherThatCountsAloneIsLeftAsItIs) {
  std::vector<double> weights(golden_.weights.size());
  std::fill_n(weights.begin() + static_cast<std::ptrdiff_t>(case_.batch), case_.batch, 1.0);
  EXPECT_EQ(mean(case_, weights), case_.teacher_logits[1]);
  const std::vector<float> fused = mixture(case_, weights, 4);
  for (std::size_t image = 0; image < case_.batch; ++image) {
    const LogSoftmax row{std::span{fused}.subspan(image * case_.classes, case_.classes), 4};
    const LogSoftmax expected{case_.views()[1].row(image), 4};
    for (std::size_t c = 0; c < case_.classes; ++c) EXPECT_NEAR(row.probability(c), expected.probability(c), 1e-6);
  }
}

// Why fusing probabilities and fusing losses come to the same for soft targets: T (p_s - sum_k w_k p_k) either way.
TEST_P(FusedLogits, SoftTargetsOfTheMixtureHaveTheGradientOfTheWeightedLosses) {
  const LogitsView<float> student{case_.student_logits.data(), case_.batch, case_.classes};
  const std::vector<float> fused = mixture(case_, golden_.weights, 4);
  const std::array one{LogitsView<float>{fused.data(), case_.batch, case_.classes}};
  std::vector<float> of_mixture(student.size());
  SoftTargets<>{}.add(LossInputs<float>{.student = student, .labels = {}, .teachers = one}, std::span{of_mixture});

  std::vector<float> of_losses(student.size());
  for (std::size_t k = 0; k < case_.teachers(); ++k) {
    const std::array teacher{case_.views()[k]};
    const auto weights = std::span{golden_.weights}.subspan(k * case_.batch, case_.batch);
    SoftTargets<>{}.add(
        LossInputs<float>{.student = student, .labels = {}, .teachers = teacher, .image_weights = weights},
        std::span{of_losses});
  }
  test::expect_all_near<float>(of_mixture, std::vector<double>(of_losses.begin(), of_losses.end()), 5e-6);
}

TEST(LogMeanProbabilities, DoesNotUnderflow) {
  FusionCase c{2, 1, 2};
  c.teacher_logits = {{0, -2000}, {0, -3000}};
  const std::vector<float> fused = mixture(c, {0.5, 0.5}, 1);
  EXPECT_NEAR(fused[0], 0, 1e-6);
  EXPECT_NEAR(fused[1], -2000 + std::log(0.5), 1e-3);
  // A teacher that does not count must not decide where the sum is centred.
  EXPECT_NEAR(mixture(c, {0, 1}, 1)[1], -3000, 1e-3);
}

TEST(LogMeanProbabilities, AClassThatAllRuleOutStaysRuledOut) {
  constexpr float never = -std::numeric_limits<float>::infinity();
  FusionCase c{2, 1, 3};
  c.teacher_logits = {{0, never, never}, {0, never, 0}};
  const std::vector<float> fused = mixture(c, {0.5, 0.5}, 4);
  EXPECT_TRUE(std::isfinite(fused[0]));
  EXPECT_EQ(fused[1], never);
  EXPECT_NEAR(fused[2], 4 * std::log(0.25), 1e-6);
}

TEST(LogMeanProbabilities, NaNStaysNaN) {
  FusionCase c{2, 1, 2};
  c.teacher_logits[1][1] = std::numeric_limits<float>::quiet_NaN();
  for (const float logit : mixture(c, {0.5, 0.5}, 1)) EXPECT_TRUE(std::isnan(logit));
  c.teacher_logits[0] = c.teacher_logits[1];
  for (const float logit : mixture(c, {0.5, 0.5}, 1)) EXPECT_TRUE(std::isnan(logit));
}

}  // namespace
}  // namespace attar::fused_logits_test
