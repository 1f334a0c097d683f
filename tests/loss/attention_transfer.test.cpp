// SPDX-License-Identifier: MIT
#include <span>

#include <gtest/gtest.h>

#include "../golden/feature_maps.hpp"
#include "feature_case.hpp"
#include <attar/loss/attention_transfer.hpp>

namespace attar::attention_transfer_test {
namespace {

using Plain = AttentionTransfer<Tap<"middle">>;

TEST(AttentionTransfer, AgreesWithPyTorch) {
  for (const golden::FeatureMaps& g : golden::feature_maps) {
    if (g.term != "attention_transfer") continue;
    const auto [loss, gradient] = test::run_term<Plain>(
        test::FeatureCase<double>{g.batch, g.student_shape, g.teacher_shape, g.student, g.teacher});
    EXPECT_NEAR(loss, g.loss, 1e-10 * g.loss);
    test::expect_numbers(std::span{gradient}, g.gradient, 1e-10);
  }
}

TEST(AttentionTransfer, GradientIsThatOfTheLoss) {
  test::expect_feature_gradients<Plain>(test::random_case(3, {4, 4, 4}, {6, 4, 4}));
  test::expect_feature_gradients<Plain>(test::random_case(2, {3, 4, 4}, {2, 2, 2}));
  test::expect_feature_gradients<AttentionTransfer<Tap<"a">, Weight<1000>>>(test::random_case(2, {3, 2, 2}, {2, 4, 4}));
}

TEST(AttentionTransfer, IsNothingForEqualAttention) {
  test::FeatureCase<double> c = test::random_case(2, {3, 4, 4}, {3, 4, 4});
  c.teacher = c.student;
  for (double& x : c.teacher) x *= -2;  // Attention knows neither size nor sign.
  const auto [loss, gradient] = test::run_term<Plain>(c);
  EXPECT_NEAR(loss, 0, 1e-15);
}

TEST(AttentionTransfer, FollowsTheWeightsOfTheImages) {
  test::FeatureCase<double> c = test::random_case(2, {3, 4, 4}, {3, 4, 4});
  c.image_weights = {1, 0};
  const auto [first, gradient] = test::run_term<Plain>(c);
  for (std::size_t i = gradient.size() / 2; i < gradient.size(); ++i) ASSERT_EQ(gradient[i], 0);
  c.image_weights = {0, 1};
  const double second = test::run_term<Plain>(c).first;
  c.image_weights = {};
  EXPECT_NEAR(test::run_term<Plain>(c).first, first + second, 1e-12);
}

TEST(AttentionTransfer, ChecksExtents) {
  EXPECT_EQ(Plain::check({3, 8, 8}, {5, 4, 4}), FeatureFault::none);
  EXPECT_EQ(Plain::check({3, 4, 4}, {5, 8, 8}), FeatureFault::none);
  EXPECT_EQ(Plain::check({3, 7, 7}, {5, 4, 4}), FeatureFault::extents_uneven);
}

}  // namespace
}  // namespace attar::attention_transfer_test
