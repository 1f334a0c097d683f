// SPDX-License-Identifier: MIT
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>

#include <gtest/gtest.h>

#include <attar/infer/probabilities.hpp>

namespace attar::probabilities_test {
namespace {

using namespace attar;

TEST(Probabilities, AreTheSoftmax) {
  const std::array<float, 4> logits{1.0F, -2.0F, 0.5F, 3.0F};
  const auto found = probabilities(std::span{logits});
  double sum = 0;
  for (const float logit : logits) sum += std::exp(static_cast<double>(logit));
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(found[i], std::exp(static_cast<double>(logits[i])) / sum, 1e-7);
  EXPECT_NEAR(std::accumulate(found.begin(), found.end(), 0.0F), 1.0F, 1e-6F);
}

TEST(Probabilities, DoNotOverflow) {
  const std::array<float, 3> logits{1e30F, 1e30F, -1e30F};
  EXPECT_EQ(probabilities(std::span{logits}), (std::array<float, 3>{0.5F, 0.5F, 0.0F}));
}

TEST(Probabilities, OfOneClassAreOne) {
  const std::array<float, 1> logits{-7.0F};
  EXPECT_EQ(probabilities(std::span{logits})[0], 1.0F);
}

}  // namespace
}  // namespace attar::probabilities_test
