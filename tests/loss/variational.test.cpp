// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "feature_checks.hpp"
#include <attar/loss/variational.hpp>

namespace attar::variational_test {
namespace {

using Plain = Variational<Tap<"middle">>;

TEST(Variational, AgreesWithPyTorch) {
  test::expect_golden_maps<Plain, double>("variational", 1e-10);
  test::expect_golden_maps<Plain, float>("variational", 1e-5);
}

TEST(Variational, GradientIsThatOfTheLoss) {
  test::expect_feature_gradients<Plain>(test::random_case(3, {3, 2, 3}, {4, 2, 3}));
  test::expect_feature_gradients<Variational<Tap<"a">, Tap<"b">, Weight<3>>>(
      test::random_case(2, {3, 2, 2}, {3, 2, 2}));
}

TEST(Variational, KeepsTheContract) {
  test::expect_contract<Variational>(test::random_case(9, {24, 5, 4}, {40, 5, 4}));
}

/// A state whose adapter changes nothing, with the same raw variance for all channels.
void set_identity(std::span<double> parameters, std::size_t channels, double raw) {
  std::ranges::fill(parameters, 0.0);
  for (std::size_t c = 0; c < channels; ++c) parameters[c * channels + c] = 1;
  std::ranges::fill(parameters.last(channels), raw);
}

TEST(Variational, EqualMapsLeaveTheVarianceAlone) {
  test::FeatureCase<double> c = test::random_case(2, {3, 4, 4}, {3, 4, 4});
  c.teacher = c.student;
  Plain::State<double> state{c.context()};
  set_identity(state.parameters(), 3, state.parameters().back());
  std::vector<double> gradient(c.student.size());
  EXPECT_NEAR(state.add(c.inputs(), gradient), std::log(5.0) / 2, 1e-12);  // The variance begins as 5.
  EXPECT_EQ(gradient, std::vector<double>(c.student.size()));
  for (const double slope : state.gradients().last(3)) EXPECT_GT(slope, 0);  // A smaller variance would do.
}

TEST(Variational, TheVarianceHasAFloor) {
  test::FeatureCase<double> c = test::random_case(2, {3, 4, 4}, {3, 4, 4});
  c.teacher = c.student;
  Plain::State<double> state{c.context()};
  std::vector<double> gradient(c.student.size());
  set_identity(state.parameters(), 3, -1000);
  EXPECT_NEAR(state.add(c.inputs(), gradient), std::log(1e-5) / 2, 1e-12);
  set_identity(state.parameters(), 3, 1000);
  EXPECT_NEAR(state.add(c.inputs(), gradient), std::log(1000.0) / 2, 1e-7);
  for (const double slope : state.gradients()) EXPECT_TRUE(std::isfinite(slope));
}

TEST(Variational, FollowsTheWeightsOfTheImages) {
  test::expect_image_weights<Plain>(test::random_case(2, {3, 2, 2}, {4, 2, 2}));
}

TEST(Variational, ChecksExtents) {
  EXPECT_EQ(Plain::check({3, 8, 4}, {5, 8, 4}), FeatureFault::none);
  EXPECT_EQ(Plain::check({3, 8, 4}, {3, 4, 4}), FeatureFault::extents_differ);
  EXPECT_EQ(Plain::check({3, 8, 4}, {3, 8, 8}), FeatureFault::extents_differ);
}

}  // namespace
}  // namespace attar::variational_test
