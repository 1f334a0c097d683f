// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "fusion_case.hpp"
#include <attar/distill/by_entropy.hpp>

namespace attar::by_entropy_test {
namespace {

using test::FusionCase;

TEST(ByEntropy, AgreesWithPyTorch) {
  for (const golden::Fusion& golden : golden::fusions) {
    test::expect_all_near<double>(FusionCase{golden}.weigh<ByEntropy>(), golden.by_entropy, 1e-12);
  }
}

TEST(ByEntropy, IsAWeighting) {
  test::expect_a_weighting<ByEntropy>();
}

TEST(ByEntropy, TheSurerTeacherCountsMore) {
  FusionCase c{3, 1, 3};
  c.teacher_logits = {{2, 0, 0}, {0, 0, 0}, {0, 0, 4}};
  const std::vector<double> weights = c.weigh<ByEntropy>();
  EXPECT_GT(weights[0], weights[1]);
  EXPECT_GT(weights[2], weights[0]);
}

TEST(ByEntropy, KnowsNeitherLabelsNorTheStudent) {
  FusionCase c = test::random_fusion_case(3, 4, 5, 1);
  const std::vector<double> weights = c.weigh<ByEntropy>();
  c.labels.assign(c.batch, -1);
  for (float& logit : c.student_logits) logit = -logit;
  EXPECT_EQ(c.weigh<ByEntropy>(), weights);
}

TEST(ByEntropy, TeachersWithoutEntropyCountAlike) {
  FusionCase c{3, 1, 2};
  c.teacher_logits = {{3000, 0}, {0, 3000}, {0, -std::numeric_limits<float>::infinity()}};
  for (const double weight : c.weigh<ByEntropy>()) EXPECT_DOUBLE_EQ(weight, 1.0 / 3);
  // One of them has all of the entropy: it counts nothing.
  c.teacher_logits[1] = {0, 0};
  EXPECT_EQ(c.weigh<ByEntropy>(), (std::vector{0.5, 0.0, 0.5}));
}

TEST(ByEntropy, ATeacherAloneCountsFully) {
  EXPECT_EQ((test::random_fusion_case(1, 2, 3, 1).weigh<ByEntropy>()), (std::vector{1.0, 1.0}));
}

TEST(ByEntropy, NaNStaysNaN) {
  FusionCase c{2, 1, 2};
  c.teacher_logits[0][0] = std::numeric_limits<float>::quiet_NaN();
  for (const double weight : c.weigh<ByEntropy>()) EXPECT_TRUE(std::isnan(weight));
}

}  // namespace
}  // namespace attar::by_entropy_test
