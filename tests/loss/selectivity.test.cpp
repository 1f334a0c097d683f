// SPDX-License-Identifier: MIT
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include "feature_checks.hpp"
#include <attar/loss/selectivity.hpp>

namespace attar::selectivity_test {
namespace {

using Plain = Selectivity<Tap<"middle">>;

TEST(Selectivity, AgreesWithPyTorch) {
  test::expect_golden_maps<Plain, double>("selectivity", 1e-10);
  test::expect_golden_maps<Plain, float>("selectivity", 1e-5);
}

TEST(Selectivity, GradientIsThatOfTheLoss) {
  test::expect_feature_gradients<Plain>(test::random_case(3, {6, 2, 2}, {5, 2, 2}));  // By pixels,
  test::expect_feature_gradients<Plain>(test::random_case(3, {2, 4, 3}, {3, 4, 3}));  // by channels.
  test::expect_feature_gradients<Selectivity<Tap<"a">, Tap<"b">, Weight<50>>>(
      test::random_case(2, {3, 3, 3}, {2, 3, 3}));
}

TEST(Selectivity, KeepsTheContract) {
  test::expect_contract<Selectivity>(test::random_case(5, {40, 4, 4}, {24, 4, 4}));
  test::expect_contract<Selectivity>(test::random_case(5, {16, 9, 9}, {24, 9, 9}));
}

/// Teachers whose channels are the student's in another order, each twice, of other sizes and signs.
test::FeatureCase<double> alike(int channels, int height) {
  const auto count = static_cast<std::size_t>(channels);
  test::FeatureCase<double> c = test::random_case(2, {channels, height, height}, {2 * channels, height, height});
  for (std::size_t i = 0; i < c.teacher.size(); ++i) {
    const std::size_t channel = i % (2 * count);
    const double scale = static_cast<double>(channel) - 2.5;
    c.teacher[i] = scale * c.student[i / (2 * count) * count + (channel + 1) % count];
  }
  return c;
}

TEST(Selectivity, IsNothingWhereChannelsAreDistributedAlike) {
  for (const auto& c : {alike(8, 2), alike(3, 5)}) {
    const auto [loss, gradient] = test::run_term<Plain>(c);
    EXPECT_NEAR(loss, 0, 1e-14);
    for (const double x : gradient) ASSERT_NEAR(x, 0, 1e-14);
  }
}

TEST(Selectivity, ADeadChannelGetsNoGradient) {
  for (test::FeatureCase<double> c :
       {test::random_case(2, {6, 2, 2}, {5, 2, 2}), test::random_case(2, {2, 4, 3}, {3, 4, 3})}) {
    const auto channels = static_cast<std::size_t>(c.student_shape.channels);
    for (std::size_t i = 1; i < c.student.size(); i += channels) c.student[i] = 0;
    for (std::size_t i = 0; i < c.teacher.size(); i += static_cast<std::size_t>(c.teacher_shape.channels))
      c.teacher[i] = 0;
    const auto [loss, gradient] = test::run_term<Plain>(c);
    EXPECT_GT(loss, 0);
    for (std::size_t i = 0; i < gradient.size(); ++i) ASSERT_EQ(gradient[i] == 0, i % channels == 1) << i;
  }
}

TEST(Selectivity, FollowsTheWeightsOfTheImages) {
  test::expect_image_weights<Plain>(test::random_case(2, {6, 2, 2}, {5, 2, 2}));
  test::expect_image_weights<Plain>(test::random_case(2, {2, 4, 3}, {3, 4, 3}));
}

TEST(Selectivity, ChecksExtents) {
  EXPECT_EQ(Plain::check({3, 8, 4}, {5, 8, 4}), FeatureFault::none);
  EXPECT_EQ(Plain::check({3, 8, 4}, {3, 4, 4}), FeatureFault::extents_differ);
  EXPECT_EQ(Plain::check({3, 8, 4}, {3, 8, 8}), FeatureFault::extents_differ);
}

}  // namespace
}  // namespace attar::selectivity_test
