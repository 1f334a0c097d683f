// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "fusion_case.hpp"
#include <attar/distill/by_confidence.hpp>

namespace attar::by_confidence_test {
namespace {

using test::FusionCase;

TEST(ByConfidence, AgreesWithPyTorch) {
  for (const golden::Fusion& golden : golden::fusions) {
    test::expect_all_near<double>(FusionCase{golden}.weigh<ByConfidence>(), golden.by_confidence, 1e-12);
  }
}

TEST(ByConfidence, IsAWeighting) {
  test::expect_a_weighting<ByConfidence>();
}

TEST(ByConfidence, TheTeacherThatIsRightCountsMore) {
  FusionCase c{2, 2, 3};
  c.labels = {0, 2};
  c.teacher_logits = {{5, 0, 0, 5, 0, 0}, {0, 5, 0, 0, 0, 5}};  // The first is right on the first image, and so on.
  const std::vector<double> weights = c.weigh<ByConfidence>();
  EXPECT_GT(weights[0], 0.9);
  EXPECT_GT(weights[3], 0.9);
}

TEST(ByConfidence, NoTeacherCountsMoreThanOneOverTheOthers) {
  FusionCase c{4, 1, 2};
  c.teacher_logits = {{90, 0}, {0, 90}, {0, 90}, {0, 90}};
  EXPECT_NEAR(c.weigh<ByConfidence>()[0], 1.0 / 3, 1e-12);
}

TEST(ByConfidence, ATeacherThatRulesTheLabelOutCountsNothing) {
  constexpr float never = -std::numeric_limits<float>::infinity();
  FusionCase c{2, 1, 2};
  c.teacher_logits = {{0, 0}, {never, 0}};
  EXPECT_EQ(c.weigh<ByConfidence>(), (std::vector{1.0, 0.0}));
  c.teacher_logits[0] = c.teacher_logits[1];
  EXPECT_EQ(c.weigh<ByConfidence>(), (std::vector{0.5, 0.5}));
}

TEST(ByConfidence, ATeacherAloneCountsFully) {
  EXPECT_EQ((test::random_fusion_case(1, 2, 3, 1).weigh<ByConfidence>()), (std::vector{1.0, 1.0}));
}

TEST(ByConfidence, RefusesALabelThatIsNoClass) {
  FusionCase c{2, 1, 3};
  for (const std::int32_t label : {-1, 3}) {
    c.labels = {label};
    EXPECT_THROW(static_cast<void>(c.weigh<ByConfidence>()), Error);
  }
}

TEST(ByConfidence, NaNStaysNaN) {
  FusionCase c{2, 1, 2};
  c.teacher_logits[0][0] = std::numeric_limits<float>::quiet_NaN();
  for (const double weight : c.weigh<ByConfidence>()) EXPECT_TRUE(std::isnan(weight));
}

}  // namespace
}  // namespace attar::by_confidence_test
