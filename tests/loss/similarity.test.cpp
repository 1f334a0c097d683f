// SPDX-License-Identifier: MIT
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include "feature_checks.hpp"
#include <attar/loss/similarity.hpp>

namespace attar::similarity_test {
namespace {

using Plain = Similarity<Tap<"middle">>;

TEST(Similarity, AgreesWithPyTorch) {
  test::expect_golden_maps<Plain, double>("similarity", 1e-10);
  test::expect_golden_maps<Plain, float>("similarity", 1e-5);
}

TEST(Similarity, GradientIsThatOfTheLoss) {
  test::expect_feature_gradients<Plain>(test::random_case(4, {3, 2, 2}, {2, 3, 1}));
  test::expect_feature_gradients<Similarity<Tap<"a">, Tap<"b">, Weight<3000>>>(
      test::random_case(3, {4, 1, 1}, {2, 2, 2}));
}

TEST(Similarity, KeepsTheContract) {
  test::expect_contract<Similarity>(test::random_case(30, {16, 4, 4}, {24, 2, 2}));
}

TEST(Similarity, IsNothingWhereImagesAreEquallyAlike) {
  test::FeatureCase<double> c = test::random_case(5, {3, 2, 2}, {6, 2, 2});
  for (std::size_t i = 0; i < c.teacher.size(); ++i) {
    c.teacher[i] = -3 * c.student[i / 24 * 12 + (i + 5) % 12];  // All numbers twice, in another order.
  }
  const auto [loss, gradient] = test::run_term<Plain>(c);
  EXPECT_NEAR(loss, 0, 1e-15);
  for (const double x : gradient) ASSERT_NEAR(x, 0, 1e-15);
}

TEST(Similarity, AnImageOfZerosGetsNoGradient) {
  test::FeatureCase<double> c = test::random_case(3, {3, 2, 2}, {2, 2, 2});
  for (std::size_t i = 12; i < 24; ++i) c.student[i] = 0;
  const auto [loss, gradient] = test::run_term<Plain>(c);
  EXPECT_GT(loss, 0);
  for (std::size_t i = 0; i < gradient.size(); ++i) ASSERT_LT(std::abs(gradient[i]), 10) << i;
}

TEST(Similarity, TakesTheMeanOfTheWeightsOfTheImages) {
  test::FeatureCase<double> c = test::random_case(3, {3, 2, 2}, {2, 2, 2});
  const double loss = test::run_term<Plain>(c).first;
  c.image_weights = {1, 0, 0.5};
  EXPECT_NEAR(test::run_term<Plain>(c).first, loss / 2, 1e-14);
  test::expect_feature_gradients<Plain>(c);
}

TEST(Similarity, TakesAnyShapes) {
  EXPECT_EQ(Plain::check({3, 8, 4}, {5, 7, 1}), FeatureFault::none);
}

}  // namespace
}  // namespace attar::similarity_test
