// SPDX-License-Identifier: MIT
#include <vector>

#include <gtest/gtest.h>

#include "relation_case.hpp"
#include <attar/loss/distances.hpp>

namespace attar::distances_test {
namespace {

using Plain = Distances<Tap<"pooled">>;

TEST(Distances, AgreesWithPyTorch) {
  test::expect_golden_relations<Plain>("distances");
}

TEST(Distances, GradientIsThatOfTheLoss) {
  test::expect_feature_gradients<Plain>(test::random_case(6, {4}, {7}));
  test::expect_feature_gradients<Plain>(test::random_case(3, {2, 3, 2}, {1, 2, 2}));
  test::expect_feature_gradients<Distances<Tap<"a">, Tap<"b">, Weight<25>>>(test::random_case(4, {5}, {3}));
}

TEST(Distances, KnowsNoScale) {
  test::expect_scale_does_not_matter<Plain>();
}

TEST(Distances, CountsTheMeanWeight) {
  test::expect_mean_weight_counts<Plain>();
}

TEST(Distances, StaysFiniteWhereImagesCoincide) {
  test::expect_finite_where_images_coincide<Plain>();
}

TEST(Distances, FollowsItsRamp) {
  const test::FeatureCase<double> c = test::random_case(4, {5}, {3});
  Distances<Tap<"pooled">, Ramp<Weight<2>, Weight<6>>>::State<double> state{c.context()};
  std::vector<double> gradient(c.student.size());
  FeatureInputs<double> inputs = c.inputs();
  inputs.progress = 0.25;
  const double plain = test::run_term<Plain>(c).first;
  EXPECT_NEAR(state.add(inputs, gradient), 3 * plain, 1e-13 * plain);
}

TEST(Distances, TakesAnyShapes) {
  EXPECT_EQ(Plain::check({3, 8, 8}, {5}), FeatureFault::none);
  static_assert(FeatureTerm<Plain>);
}

TEST(Distances, KnowsNoPlace) {
  test::FeatureCase<double> c = test::random_case(5, {6}, {4});
  const double loss = test::run_term<Plain>(c).first;
  for (double& x : c.student) x += 100;
  for (double& x : c.teacher) x -= 50;
  EXPECT_NEAR(test::run_term<Plain>(c).first, loss, 1e-12 * loss);
}

TEST(Distances, HasNothingToSayOfOneImage) {
  const auto [loss, gradient] = test::run_term<Plain>(test::random_case(1, {6}, {4}));
  EXPECT_EQ(loss, 0);
  for (const double x : gradient) EXPECT_EQ(x, 0);
}

}  // namespace
}  // namespace attar::distances_test
