// SPDX-License-Identifier: MIT
#include <cmath>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "relation_case.hpp"
#include <attar/core/parallel.hpp>
#include <attar/loss/angles.hpp>

namespace attar::angles_test {
namespace {

using Plain = Angles<Tap<"pooled">>;

TEST(Angles, AgreesWithPyTorch) {
  test::expect_golden_relations<Plain>("angles");
}

TEST(Angles, GradientIsThatOfTheLoss) {
  test::expect_feature_gradients<Plain>(test::random_case(6, {4}, {7}));
  test::expect_feature_gradients<Plain>(test::random_case(3, {2, 3, 2}, {1, 2, 2}));
  test::expect_feature_gradients<Angles<Tap<"a">, Tap<"b">, Weight<50>>>(test::random_case(4, {5}, {3}));
}

TEST(Angles, KnowsNoScale) {
  test::expect_scale_does_not_matter<Plain>();
}

TEST(Angles, CountsTheMeanWeight) {
  test::expect_mean_weight_counts<Plain>();
}

TEST(Angles, StaysFiniteWhereImagesCoincide) {
  test::expect_finite_where_images_coincide<Plain>();
}

TEST(Angles, FollowsItsRamp) {
  const test::FeatureCase<double> c = test::random_case(4, {5}, {3});
  Angles<Tap<"pooled">, Ramp<Weight<2>, Weight<6>>>::State<double> state{c.context()};
  std::vector<double> gradient(c.student.size());
  FeatureInputs<double> inputs = c.inputs();
  inputs.progress = 0.25;
  const double plain = test::run_term<Plain>(c).first;
  EXPECT_NEAR(state.add(inputs, gradient), 3 * plain, 1e-13 * plain);
}

TEST(Angles, TakesAnyShapes) {
  EXPECT_EQ(Plain::check({3, 8, 8}, {5}), FeatureFault::none);
  static_assert(FeatureTerm<Plain>);
}

TEST(Angles, KnowsNoPlace) {
  test::FeatureCase<double> c = test::random_case(5, {6}, {4});
  const double loss = test::run_term<Plain>(c).first;
  for (double& x : c.student) x += 100;
  for (double& x : c.teacher) x -= 50;
  EXPECT_NEAR(test::run_term<Plain>(c).first, loss, 1e-12 * loss);
}

TEST(Angles, OfAKnownTriangle) {
  // A right angle with legs 1 and 1, against an equilateral triangle: cosines 0 and sqrt(1/2), against 1/2.
  const test::FeatureCase<double> c{.batch = 3,
                                    .student_shape = {2},
                                    .teacher_shape = {2},
                                    .student = {0, 0, 1, 0, 0, 1},
                                    .teacher = {0, 0, 2, 0, 1, std::sqrt(3.0)}};
  const double acute = std::sqrt(0.5) - 0.5;
  EXPECT_NEAR(test::run_term<Plain>(c).first, (2 * 0.25 + 4 * acute * acute) / 2 / 27, 1e-15);
}

TEST(Angles, ThreadsDoNotChangeThem) {
  const test::FeatureCase<double> c = test::random_case(13, {6}, {4});
  const int before = thread_count();
  set_thread_count(1);
  const auto [one, gradient_of_one] = test::run_term<Plain>(c);
  set_thread_count(4);
  const auto [four, gradient_of_four] = test::run_term<Plain>(c);
  set_thread_count(before);
  EXPECT_NEAR(four, one, 1e-14 * one);
  test::expect_numbers(std::span{gradient_of_four}, gradient_of_one, 1e-13);
}

}  // namespace
}  // namespace attar::angles_test
