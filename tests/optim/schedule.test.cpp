// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstdint>

#include <gtest/gtest.h>

#include "../golden/optimizers.hpp"
#include <attar/optim/schedule.hpp>

namespace attar::schedule_test {
namespace {

using namespace attar;

static_assert(Schedule<Constant>);
static_assert(Schedule<StepDecay>);
static_assert(Schedule<Cosine>);
static_assert(Schedule<OneCycle>);
static_assert(Schedule<Warmup<Cosine>>);
static_assert(!Schedule<int>);

template <Schedule S>
void expect_factors(const S& schedule, const golden::Numbers& expected) {
  const auto total = static_cast<std::int64_t>(expected.size());
  for (std::int64_t step = 0; step < total; ++step) {
    EXPECT_NEAR(schedule.factor(step, total), expected[static_cast<std::size_t>(step)], 1e-12) << "step " << step;
  }
}

TEST(StepDecay, AgreesWithPyTorch) {
  expect_factors(StepDecay{.milestones = {0.625, 0.75}, .gamma = 0.2}, golden::multi_step);
}

TEST(Cosine, AgreesWithPyTorch) {
  expect_factors(Cosine{.final_factor = 0.05}, golden::cosine);
}

TEST(OneCycle, AgreesWithPyTorch) {
  expect_factors(OneCycle{}, golden::one_cycle);
  expect_factors(OneCycle{.peak_at = 0.15, .div_factor = 10.0, .final_div_factor = 100.0}, golden::one_cycle_early);
}

TEST(Warmup, AgreesWithPyTorch) {
  expect_factors(Warmup{.schedule = Cosine{}, .share = 0.1, .start = 0.01}, golden::warm_cosine);
}

TEST(Constant, IsOne) {
  EXPECT_EQ(Constant{}.factor(7, 10), 1.0);
}

TEST(StepDecay, MilestonesAreSharesOfAnyRun) {
  const StepDecay schedule{.milestones = {0.3, 0.7}, .gamma = 0.5};
  EXPECT_EQ(schedule.factor(2, 10), 1.0);
  EXPECT_EQ(schedule.factor(3, 10), 0.5);
  EXPECT_EQ(schedule.factor(7, 10), 0.25);
  EXPECT_EQ(schedule.factor(299, 1000), 1.0);
  EXPECT_EQ(schedule.factor(300, 1000), 0.5);
}

// A quick run may have fewer steps than a rise needs.
TEST(OneCycle, ShortRunsStayInRange) {
  for (std::int64_t total = 1; total < 12; ++total) {
    EXPECT_EQ(OneCycle{}.factor(0, total) == 1.0, total <= 3);
    for (std::int64_t step = 0; step < total; ++step) {
      const double factor = OneCycle{}.factor(step, total);
      EXPECT_GT(factor, 0.0) << step << " of " << total;
      EXPECT_LE(factor, 1.0) << step << " of " << total;
    }
  }
}

TEST(OneCycle, MayPeakAtTheStartOrTheEnd) {
  EXPECT_EQ((OneCycle{.peak_at = 0.0}.factor(0, 10)), 1.0);
  EXPECT_EQ((OneCycle{.peak_at = 1.0}.factor(9, 10)), 1.0);
  EXPECT_NEAR((OneCycle{.peak_at = 1.0}.factor(0, 10)), 0.04, 1e-15);
}

TEST(Warmup, WithoutAShareIsTheScheduleItself) {
  const Warmup schedule{.schedule = OneCycle{}, .share = 0.0};
  for (std::int64_t step = 0; step < 10; ++step) EXPECT_EQ(schedule.factor(step, 10), OneCycle{}.factor(step, 10));
}

}  // namespace
}  // namespace attar::schedule_test
