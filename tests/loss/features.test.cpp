// SPDX-License-Identifier: MIT
#include <array>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <attar/loss/attention_transfer.hpp>
#include <attar/loss/features.hpp>

namespace attar::features_test {
namespace {

TEST(MapsView, KnowsItsImages) {
  const std::vector<float> numbers{1, 2, 3, 4, 5, 6, 7, 8};
  const MapsView<float> maps{numbers.data(), 2, {2, 1, 2}};
  EXPECT_EQ(maps.size(), 8U);
  EXPECT_EQ(maps.image(1).size(), 4U);
  EXPECT_EQ(maps.image(1)[0], 5.0F);
}

TEST(FeatureInputs, CountEveryImageOnceWithoutWeights) {
  const FeatureInputs<float> inputs{.student = {nullptr, 4, {1, 1, 1}}, .teacher = {}};
  EXPECT_EQ(inputs.image_weight(3), 1.0);
  EXPECT_EQ(inputs.mean_weight(), 1.0);
}

TEST(FeatureInputs, FollowTheWeightsOfTheImages) {
  const std::array weights{0.0, 0.5, 1.0, 0.5};
  const FeatureInputs<float> inputs{.student = {nullptr, 4, {1, 1, 1}}, .teacher = {}, .image_weights = weights};
  EXPECT_EQ(inputs.image_weight(1), 0.5);
  EXPECT_EQ(inputs.mean_weight(), 0.5);
}

TEST(FeatureOptions, OneTapIsForBoth) {
  using One = AttentionTransfer<Weight<3>, Tap<"seen">>;
  EXPECT_EQ(One::StudentTap::where, "seen");
  EXPECT_EQ(One::TeacherTap::where, "seen");
  EXPECT_EQ(One::weight(0.5), 3.0);
}

TEST(FeatureOptions, TheFirstOfTwoTapsIsTheStudents) {
  using Two = AttentionTransfer<Tap<"small">, Weight<1>, Tap<"large">>;
  EXPECT_EQ(Two::StudentTap::where, "small");
  EXPECT_EQ(Two::TeacherTap::where, "large");
}

TEST(FeatureOptions, WeightZeroNeedsNoTeacher) {
  EXPECT_FALSE((AttentionTransfer<Tap<"seen">, Weight<0>>::needs_teacher));
  EXPECT_TRUE((AttentionTransfer<Tap<"seen">, Ramp<Weight<0>, Weight<1>>>::needs_teacher));
}

static_assert(FeatureTerm<AttentionTransfer<Tap<"seen">>>);

}  // namespace
}  // namespace attar::features_test
