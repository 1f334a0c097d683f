// SPDX-License-Identifier: MIT
#include <atomic>
#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <attar/core/parallel.hpp>

namespace attar::parallel_test {
namespace {

class Parallel : public testing::Test {
 protected:
  ~Parallel() override { set_thread_count(before_); }

 private:
  int before_ = thread_count();
};

constexpr std::size_t counts[] = {0, 1, 2, 3, 7, 64, 1001};

TEST_F(Parallel, ForCallsEachIndexOnce) {
  for (const int threads : {1, 2, 3, 5}) {
    set_thread_count(threads);
    for (const std::size_t count : counts) {
      std::vector<std::atomic<int>> calls(count);
      parallel_for(count, [&](std::size_t i) { ++calls[i]; });
      for (const std::atomic<int>& call : calls) ASSERT_EQ(call, 1) << count << " on " << threads;
    }
  }
}

/// The ranges by thread.
std::vector<std::pair<std::size_t, std::size_t>> ranges_of(std::size_t count, int threads) {
  set_thread_count(threads);
  std::vector<std::pair<std::size_t, std::size_t>> ranges(static_cast<std::size_t>(threads));
  std::mutex mutex;
  parallel_ranges(count, [&](std::size_t begin, std::size_t end, std::size_t thread) {
    const std::lock_guard lock{mutex};
    ranges.at(thread) = {begin, end};
  });
  return ranges;
}

TEST_F(Parallel, RangesDivideInOrderAndEvenly) {
  for (const int threads : {1, 2, 3}) {
    for (const std::size_t count : counts) {
      std::size_t next = 0;
      for (const auto& [begin, end] : ranges_of(count, threads)) {
        if (begin == end) continue;  // A thread without work.
        EXPECT_EQ(begin, next);
        EXPECT_LE(end - begin, count / static_cast<std::size_t>(threads) + 1);
        next = end;
      }
      EXPECT_EQ(next, count);
    }
  }
}

TEST_F(Parallel, RangesDependOnCountAndThreadsAlone) {
  for (int repeat = 0; repeat < 20; ++repeat) EXPECT_EQ(ranges_of(1001, 3), ranges_of(1001, 3));
}

TEST_F(Parallel, NestedLoopsCoverEverythingToo) {
  set_thread_count(2);
  std::vector<std::atomic<int>> calls(100);
  parallel_for(10, [&](std::size_t i) { parallel_for(10, [&, i](std::size_t j) { ++calls[10 * i + j]; }); });
  for (const std::atomic<int>& call : calls) EXPECT_EQ(call, 1);
}

#ifdef _OPENMP
TEST_F(Parallel, ThreadCountIsWhatWasSet) {
  set_thread_count(3);
  EXPECT_EQ(thread_count(), 3);
}
#endif

TEST_F(Parallel, IsSerialInATeamOfOne) {
  set_thread_count(3);
  {
    const detail::TeamScope outer{{}};
    {
      const detail::TeamScope inner{{}};
      EXPECT_EQ(thread_count(), 1);
    }
    EXPECT_EQ(thread_count(), 1);
  }
#ifdef _OPENMP
  EXPECT_EQ(thread_count(), 3);
#endif
}

TEST_F(Parallel, ThreadsOfATeamDivideEveryLoop) {
  if (!detail::has_threads) GTEST_SKIP() << "compiled for one thread";
  set_thread_count(3);
  for (const std::size_t team : {1U, 2U, 3U, 64U}) {
    for (const std::size_t count : counts) {
      std::vector<int> calls(count);
      std::size_t next = 0;
      for (std::size_t thread = 0; thread < team; ++thread) {
        const detail::TeamScope scope{{thread, team}};
        EXPECT_EQ(thread_count(), 1);
        EXPECT_EQ(detail::own_part(count).begin, next);
        next = detail::own_part(count).end;
        parallel_ranges(count, [&](std::size_t begin, std::size_t end, std::size_t place) {
          EXPECT_EQ(place, 0U);  // Each has its own of what threads must not share.
          for (std::size_t i = begin; i < end; ++i) ++calls[i];
        });
      }
      EXPECT_EQ(next, count);
      EXPECT_EQ(calls, std::vector<int>(count, 1)) << count << " in a team of " << team;
    }
  }
  EXPECT_EQ(detail::own_part(5), (detail::Range{0, 5}));
}

TEST_F(Parallel, LessIsWorthAThreadThatRunsAlready) {
  if (!detail::has_threads) GTEST_SKIP() << "compiled for one thread";
  EXPECT_EQ(detail::worth_a_thread(4096), 4096U);
  const detail::TeamScope scope{{0, 2}};
  EXPECT_LT(detail::worth_a_thread(4096), 4096U);
}

TEST_F(Parallel, OnThreadsGivesEachAPlaceOfItsOwn) {
  std::vector<std::atomic<int>> calls(64);
  std::atomic<std::size_t> team = 0;
  detail::on_threads(5, [&](detail::TeamPlace place) {
    ++calls.at(place.thread);
    team = place.count;
  });
  EXPECT_LE(team, 5U);
  for (std::size_t i = 0; i < calls.size(); ++i) EXPECT_EQ(calls[i], i < team ? 1 : 0);
}

}  // namespace
}  // namespace attar::parallel_test
