// SPDX-License-Identifier: MIT
#include <cstddef>
#include <limits>

#include <gtest/gtest.h>

#include "../golden/sparsity_schedules.hpp"
#include <attar/prune/schedule.hpp>

namespace attar::schedule_test {
namespace {

static_assert(SparsitySchedule<OneShot> && SparsitySchedule<Iterative> && SparsitySchedule<Cubic> &&
              SparsitySchedule<OneCyclePruning>);

/// From 0.1 to 0.9, at tenths of a run.
void expect(const auto& schedule, const auto& golden) {
  for (std::size_t i = 0; i < golden.size(); ++i) {
    EXPECT_NEAR(0.1 + 0.8 * schedule.at(static_cast<double>(i) / 10), golden[i], 1e-12) << i;
  }
}

TEST(SparsitySchedule, AgreesWithThePapers) {
  expect(Iterative{.steps = 4, .begin = 0.1}, golden::iterative);
  expect(Cubic{.begin = 0.1}, golden::cubic);
  expect(OneCyclePruning{}, golden::one_cycle);
  expect(OneCyclePruning{.alpha = 6, .beta = 3}, golden::one_cycle_slow);
}

TEST(SparsitySchedule, OneShotIsAllOrNothing) {
  EXPECT_EQ(OneShot{.begin = 0.5}.at(0.49), 0);
  EXPECT_EQ(OneShot{.begin = 0.5}.at(0.5), 1);
}

template <class Schedule>
void rises(const Schedule& schedule) {
  schedule.validate();
  double before = 0;
  for (int i = 0; i <= 1000; ++i) {
    const double now = schedule.at(i / 1000.0);
    EXPECT_GE(now, before) << i;
    before = now;
  }
  EXPECT_DOUBLE_EQ(before, 1);
}

TEST(SparsitySchedule, NeverFallsAndEndsAtOne) {
  rises(OneShot{.begin = 0.3});
  rises(Iterative{.steps = 7, .begin = 0.1});
  rises(Cubic{});
  rises(OneCyclePruning{});
}

template <class Schedule>
bool refuses(const Schedule& schedule) {
  try {
    schedule.validate();
  } catch (const Error& error) {
    return error.code() == ErrorCode::invalid_argument;
  }
  return false;
}

TEST(SparsitySchedule, RefusesWhatIsOutOfRange) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(refuses(OneShot{.begin = 1.5}));
  EXPECT_TRUE(refuses(Iterative{.steps = 0}));
  EXPECT_TRUE(refuses(Iterative{.begin = 0.8, .end = 0.2}));
  EXPECT_TRUE(refuses(Cubic{.begin = -0.1}));
  EXPECT_TRUE(refuses(Cubic{.end = 1.1}));
  EXPECT_TRUE(refuses(Cubic{.end = nan}));
  EXPECT_TRUE(refuses(OneCyclePruning{.alpha = 0}));
  EXPECT_TRUE(refuses(OneCyclePruning{.beta = nan}));
}

}  // namespace
}  // namespace attar::schedule_test
