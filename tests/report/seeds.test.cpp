// SPDX-License-Identifier: MIT
#include <array>

#include <gtest/gtest.h>

#include <attar/report/seeds.hpp>

namespace attar::seeds_test {
namespace {

TEST(Spread, IsMeanAndSampleDeviation) {
  const Spread found = spread(std::array{1.0, 2.0, 4.0, 5.0});
  EXPECT_DOUBLE_EQ(found.mean, 3.0);
  EXPECT_DOUBLE_EQ(found.deviation * found.deviation, 10.0 / 3);
}

TEST(Spread, OfOneRunIsNone) {
  const Spread found = spread(std::array{93.5});
  EXPECT_DOUBLE_EQ(found.mean, 93.5);
  EXPECT_EQ(found.deviation, 0.0);
}

TEST(Spread, NeedsARun) {
  EXPECT_THROW((void)spread({}), Error);
}

}  // namespace
}  // namespace attar::seeds_test
