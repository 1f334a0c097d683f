// SPDX-License-Identifier: MIT
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "relation_case.hpp"
#include <attar/loss/probabilistic.hpp>

namespace attar::probabilistic_test {
namespace {

using Plain = ProbabilisticTransfer<Tap<"pooled">>;

TEST(ProbabilisticTransfer, AgreesWithPyTorch) {
  test::expect_golden_relations<Plain>("probabilistic");
}

TEST(ProbabilisticTransfer, GradientIsThatOfTheLoss) {
  test::expect_feature_gradients<Plain>(test::random_case(6, {4}, {7}));
  test::expect_feature_gradients<Plain>(test::random_case(3, {2, 3, 2}, {1, 2, 2}));
  test::expect_feature_gradients<ProbabilisticTransfer<Tap<"a">, Tap<"b">, Weight<30000>>>(
      test::random_case(4, {5}, {3}));
}

TEST(ProbabilisticTransfer, KnowsNoScale) {
  // What is added to the probabilities under the logarithm moves the minimum a little.
  test::expect_scale_does_not_matter<Plain>(1e-9);
}

TEST(ProbabilisticTransfer, CountsTheMeanWeight) {
  test::expect_mean_weight_counts<Plain>();
}

TEST(ProbabilisticTransfer, StaysFiniteWhereImagesCoincide) {
  test::expect_finite_where_images_coincide<Plain>();
}

TEST(ProbabilisticTransfer, FollowsItsRamp) {
  const test::FeatureCase<double> c = test::random_case(4, {5}, {3});
  ProbabilisticTransfer<Tap<"pooled">, Ramp<Weight<2>, Weight<6>>>::State<double> state{c.context()};
  std::vector<double> gradient(c.student.size());
  FeatureInputs<double> inputs = c.inputs();
  inputs.progress = 0.25;
  const double plain = test::run_term<Plain>(c).first;
  EXPECT_NEAR(state.add(inputs, gradient), 3 * plain, 1e-13 * plain);
}

TEST(ProbabilisticTransfer, TakesAnyShapes) {
  EXPECT_EQ(Plain::check({3, 8, 8}, {5}), FeatureFault::none);
  static_assert(FeatureTerm<Plain>);
}

TEST(ProbabilisticTransfer, KnowsOppositeImages) {
  // Of two opposite images each finds only itself, of two equal ones each finds both.
  const test::FeatureCase<double> c{
      .batch = 2, .student_shape = {1}, .teacher_shape = {1}, .student = {3, 1}, .teacher = {2, -1}};
  const double itself = std::log((1 + 1e-7) / (0.5 + 1e-7));
  EXPECT_NEAR(test::run_term<Plain>(c).first, 2 * itself / 4, 1e-15);
}

}  // namespace
}  // namespace attar::probabilistic_test
