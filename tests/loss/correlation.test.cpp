// SPDX-License-Identifier: MIT
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "relation_case.hpp"
#include <attar/loss/correlation.hpp>

namespace attar::correlation_test {
namespace {

using Plain = CorrelationCongruence<Tap<"pooled">>;

TEST(CorrelationCongruence, AgreesWithPyTorch) {
  test::expect_golden_relations<Plain>("correlation");
}

TEST(CorrelationCongruence, GradientIsThatOfTheLoss) {
  test::expect_feature_gradients<Plain>(test::random_case(6, {4}, {7}));
  test::expect_feature_gradients<Plain>(test::random_case(3, {2, 3, 2}, {1, 2, 2}));
  test::expect_feature_gradients<CorrelationCongruence<Tap<"a">, Tap<"b">, Weight<100>>>(
      test::random_case(4, {5}, {3}));
}

TEST(CorrelationCongruence, KnowsNoScale) {
  test::expect_scale_does_not_matter<Plain>();
}

TEST(CorrelationCongruence, CountsTheMeanWeight) {
  test::expect_mean_weight_counts<Plain>();
}

TEST(CorrelationCongruence, StaysFiniteWhereImagesCoincide) {
  test::expect_finite_where_images_coincide<Plain>();
}

TEST(CorrelationCongruence, FollowsItsRamp) {
  const test::FeatureCase<double> c = test::random_case(4, {5}, {3});
  CorrelationCongruence<Tap<"pooled">, Ramp<Weight<2>, Weight<6>>>::State<double> state{c.context()};
  std::vector<double> gradient(c.student.size());
  FeatureInputs<double> inputs = c.inputs();
  inputs.progress = 0.25;
  const double plain = test::run_term<Plain>(c).first;
  EXPECT_NEAR(state.add(inputs, gradient), 3 * plain, 1e-13 * plain);
}

TEST(CorrelationCongruence, TakesAnyShapes) {
  EXPECT_EQ(Plain::check({3, 8, 8}, {5}), FeatureFault::none);
  static_assert(FeatureTerm<Plain>);
}

TEST(CorrelationCongruence, KnowsOppositeImages) {
  // Cosines 1 and -1 against 1 and 1: the even part of the series is the same for both.
  const test::FeatureCase<double> c{
      .batch = 2, .student_shape = {1}, .teacher_shape = {1}, .student = {3, 1}, .teacher = {2, -1}};
  EXPECT_NEAR(test::run_term<Plain>(c).first, 2 * std::pow(2 * 0.8 * std::exp(-0.8), 2) / 4, 1e-15);
}

}  // namespace
}  // namespace attar::correlation_test
