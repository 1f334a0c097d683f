// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <numeric>
#include <span>

#include <gtest/gtest.h>

#include <attar/core/rng.hpp>
#include <attar/infer/top.hpp>

namespace attar::top_test {
namespace {

using namespace attar;

TEST(Top, IsSortedByLogit) {
  const std::array<float, 5> logits{0.0F, 3.0F, -1.0F, 2.0F, 5.0F};
  const auto best = top<3>(std::span{logits});
  EXPECT_EQ(best[0].label, 4);
  EXPECT_EQ(best[1].label, 1);
  EXPECT_EQ(best[2].label, 3);
  const auto all = probabilities(std::span{logits});
  for (const auto& [label, probability] : best) EXPECT_EQ(probability, all[static_cast<std::size_t>(label)]);
}

TEST(Top, PutsTheLowestOfEqualsFirst) {
  const std::array<float, 4> logits{1.0F, 2.0F, 2.0F, 1.0F};
  const auto best = top<4>(std::span{logits});
  const std::array expected{1, 2, 0, 3};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(best[i].label, expected[i]);
}

TEST(Top, IsTheBeginOfASort) {
  Rng rng{Seed{3}};
  for (int trial = 0; trial < 200; ++trial) {
    std::array<float, 12> logits{};
    for (float& logit : logits) logit = static_cast<float>(rng.below(8));
    std::array<int, 12> order{};
    std::iota(order.begin(), order.end(), 0);
    std::ranges::sort(order, [&](int a, int b) {
      const float of_a = logits[static_cast<std::size_t>(a)];
      const float of_b = logits[static_cast<std::size_t>(b)];
      return of_a != of_b ? of_a > of_b : a < b;
    });
    const auto best = top<5>(std::span<const float, 12>{logits});
    for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(best[i].label, order[i]);
  }
}

TEST(Top, GivesLabelsOfTheNetworkEvenForNaN) {
  std::array<float, 4> logits{};
  logits.fill(std::numeric_limits<float>::quiet_NaN());
  const auto best = top<2>(std::span<const float, 4>{logits});
  EXPECT_EQ(best[0].label, 0);
  EXPECT_EQ(best[1].label, 1);
}

}  // namespace
}  // namespace attar::top_test
