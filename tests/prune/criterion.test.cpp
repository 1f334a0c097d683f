// SPDX-License-Identifier: MIT
#include <array>
#include <span>

#include <gtest/gtest.h>

#include <attar/prune/criterion.hpp>

namespace attar {
namespace {

constexpr std::array<float, 3> filter{3, -4, 0};

TEST(Criterion, NormsOfAFilter) {
  EXPECT_DOUBLE_EQ(L1Norm::score(std::span<const float>{filter}, 0), 7);
  EXPECT_DOUBLE_EQ(L2Norm::score(std::span<const float>{filter}, 0), 5);
}

TEST(Criterion, ChanceDependsOnSeedAndNumberAlone) {
  const std::span<const float> any{filter};
  EXPECT_EQ(Random<1>::score(any, 5), Random<1>::score(any.first(1), 5));
  EXPECT_NE(Random<1>::score(any, 5), Random<1>::score(any, 6));
  EXPECT_NE(Random<1>::score(any, 5), Random<2>::score(any, 5));
}

struct NoCriterion {};
static_assert(FilterCriterion<L1Norm> && FilterCriterion<L2Norm> && FilterCriterion<Random<>>);
static_assert(!FilterCriterion<NoCriterion>);

}  // namespace
}  // namespace attar
