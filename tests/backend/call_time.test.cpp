// SPDX-License-Identifier: MIT
#include <chrono>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/call_time.hpp>

namespace attar::call_time_test {
namespace {

TEST(Median, IsTheMiddleOrTheLargerOfTwo) {
  std::vector<double> odd{5, 1, 3};
  std::vector<double> even{4, 1, 3, 2};
  EXPECT_EQ(detail::median(odd), 3);
  EXPECT_EQ(detail::median(even), 3);
}

TEST(CallTime, CallsSoOftenAndATenthBefore) {
  int calls = 0;
  const double median = median_call_us([&] { ++calls; }, {.repetitions = 50, .at_most = std::chrono::hours{1}});
  EXPECT_EQ(calls, 55);
  EXPECT_GE(median, 0);
  EXPECT_TRUE(std::isfinite(median));
}

TEST(CallTime, CallsTenTimesAtLeast) {
  int calls = 0;
  static_cast<void>(median_call_us([&] { ++calls; }, {.at_most = std::chrono::milliseconds{0}}));
  EXPECT_EQ(calls, 10);
}

}  // namespace
}  // namespace attar::call_time_test
