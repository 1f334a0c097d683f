// SPDX-License-Identifier: MIT
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include "../golden/output_terms.hpp"
#include "loss_case.hpp"
#include <attar/loss/relations.hpp>

namespace attar::relations_test {
namespace {

using namespace attar;
using namespace attar_test;

using InterAlone = Relations<InterWeight<1>, IntraWeight<0>, Temperature<4>>;
using IntraAlone = Relations<InterWeight<0>, IntraWeight<1>, Temperature<4>>;

class RelationsCase : public ::testing::TestWithParam<std::size_t> {
 protected:
  template <class T>
  void expect_pytorch(double tolerance) {
    const Case<T> c{inputs_};
    expect_golden(c.template run<Relations<>>(), golden_.relations[0], tolerance);
    expect_golden(c.template run<Relations<Temperature<4>>>(), golden_.relations[1], tolerance);
    expect_golden(c.template run<Relations<Temperature<20>>>(), golden_.relations[2], tolerance);
    expect_golden(c.template run<Relations<InterWeight<2>, IntraWeight<3>, Temperature<4>>>(), golden_.relations[3],
                  tolerance);
  }

  const golden::OutputTerms& golden_ = golden::output_terms.at(GetParam());
  const golden::LossCase& inputs_ = golden_.inputs;
};
INSTANTIATE_TEST_SUITE_P(Golden, RelationsCase, ::testing::Range<std::size_t>(0, golden::output_terms.size()));

TEST_P(RelationsCase, AgreesWithPyTorch) {
  expect_pytorch<double>(1e-10);
}

TEST_P(RelationsCase, AgreesWithPyTorchInFloat) {
  expect_pytorch<float>(1e-5);
}

TEST_P(RelationsCase, GradientIsThatOfTheLoss) {
  expect_gradient_of_loss<Relations<Temperature<4>>>(inputs_);
  expect_gradient_of_loss<Relations<InterWeight<1, 2>, IntraWeight<3>, Temperature<20>, Weight<9, 10>>>(inputs_);
}

TEST_P(RelationsCase, GradientRowsSumToZero) {
  expect_rows_sum_to_zero<Relations<>>(inputs_);
  expect_rows_sum_to_zero<Relations<Temperature<20>>>(inputs_);
}

TEST_P(RelationsCase, AStudentEqualToTheTeacherCostsNothing) {
  Case<double> c{inputs_};
  c.student = c.teacher;
  const auto result = c.run<Relations<Temperature<4>>>();
  EXPECT_NEAR(result.loss, 0.0, 1e-14);
  for (const double x : result.gradient) EXPECT_NEAR(x, 0.0, 1e-14);
}

TEST_P(RelationsCase, WeightScalesLossAndGradient) {
  expect_weight_scales<Relations>(inputs_);
}

TEST_P(RelationsCase, TemperatureCanChange) {
  expect_temperature_ramps<Relations>(inputs_);
}

TEST_P(RelationsCase, BadLogitsShow) {
  expect_bad_logits_show<Relations<>>(inputs_);
}

// Without a factor T^2.
TEST_P(RelationsCase, HotGradientDoesNotDependOnTheTemperature) {
  expect_hot_limit<Relations<Temperature<10000>>, Relations<Temperature<20000>>>(inputs_);
}

TEST_P(RelationsCase, InterPartFollowsTheWeightsOfTheImages) {
  expect_images_are_weighted<InterAlone>(inputs_);
}

TEST_P(RelationsCase, IntraPartTakesTheirMean) {
  Case<double> c{inputs_};
  const auto plain = c.run<IntraAlone>();
  c.image_weights.assign(c.batch, 0.0);
  c.image_weights.back() = static_cast<double>(c.batch) / 2;
  const auto half = c.run<IntraAlone>();
  EXPECT_DOUBLE_EQ(half.loss, plain.loss / 2);
  for (std::size_t i = 0; i < plain.gradient.size(); ++i) EXPECT_NEAR(half.gradient[i], plain.gradient[i] / 2, 1e-15);
}

TEST_P(RelationsCase, PartsAddUp) {
  const Case<double> c{inputs_};
  const auto inter = c.run<InterAlone>();
  const auto intra = c.run<IntraAlone>();
  const auto both = c.run<Relations<InterWeight<2>, IntraWeight<3>, Temperature<4>>>();
  EXPECT_NEAR(both.loss, 2 * inter.loss + 3 * intra.loss, 1e-13);
  for (std::size_t i = 0; i < both.gradient.size(); ++i) {
    EXPECT_NEAR(both.gradient[i], 2 * inter.gradient[i] + 3 * intra.gradient[i], 1e-14);
  }
}

// From 0, the correlation of two rows that rise together, to 2, of rows that rise against each other.
TEST(Relations, KnowsSimpleDistances) {
  const std::vector<double> up{1, 2, 3};
  std::vector<double> gradient(3);
  const detail::Line line{0, 1, 3};
  EXPECT_NEAR(detail::add_distance(up, std::vector<double>{-5, 0, 5}, line, 1, gradient), 0.0, 1e-15);
  EXPECT_NEAR(detail::add_distance(up, std::vector<double>{3, 2, 1}, line, 1, gradient), 2.0, 1e-15);
  EXPECT_NEAR(detail::add_distance(up, std::vector<double>{1, 0, 1}, line, 1, gradient), 1.0, 1e-15);
}

// An image alone correlates with no other: that part is 1, without a gradient.
TEST(Relations, ABatchOfOneHasNoRelationsOfImages) {
  const auto result = Case<double>{golden::losses[2]}.run<IntraAlone>();
  EXPECT_DOUBLE_EQ(result.loss, 1.0);
  EXPECT_EQ(result.gradient, std::vector<double>(result.gradient.size()));
}

// A student whose last layer starts at zero.
TEST(Relations, EqualLogitsHaveNoGradient) {
  Case<float> c{golden::losses[1]};
  c.student.assign(c.student.size(), 0.1F);
  const auto result = c.run<Relations<>>();
  EXPECT_DOUBLE_EQ(result.loss, 2.0);
  EXPECT_EQ(result.gradient, std::vector<float>(c.student.size()));
}

TEST(Relations, WeightZeroNeedsNoTeacher) {
  expect_weight_zero_does_nothing<Relations>(golden::losses[0]);
}

}  // namespace
}  // namespace attar::relations_test
