// SPDX-License-Identifier: MIT
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/embedded/team.hpp>

namespace attar::test::team_test {
namespace {

/// Calls `body(place)` on threads that the thread sanitizer knows.
template <class Body>
void on_plain_threads(std::size_t count, const Body& body) {
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < count; ++i) threads.emplace_back([&, i] { body(detail::TeamPlace{i, count}); });
}

// Every thread reads what all have written before, which the thread sanitizer sees too.
TEST(TeamBarrier, KeepsRoundsApart) {
  for (const std::size_t count : {1U, 2U, 3U, 8U, 64U}) {
    const std::size_t rounds = count < 8 ? 20'000 : 200;
    detail::TeamBarrier barrier{};
    std::vector<std::size_t> numbers(count);
    std::atomic<std::size_t> faults = 0;
    on_plain_threads(count, [&](detail::TeamPlace place) {
      for (std::size_t round = 0; round < rounds; ++round) {
        numbers[place.thread] = round * (place.thread + 1);
        barrier.wait(count);
        const std::size_t other = (place.thread + round) % count;
        if (numbers[other] != round * (other + 1)) ++faults;
        barrier.wait(count);
      }
    });
    EXPECT_EQ(faults, 0U) << count;
  }
}

TEST(ByFirst, HasOneThreadDoItBeforeTheOthersGoOn) {
  detail::TeamBarrier barrier{};
  int number = 0;
  std::atomic<int> seen = 0;
  on_plain_threads(3, [&](detail::TeamPlace place) {
    const detail::TeamScope scope{place};
    detail::by_first({place, &barrier, nullptr, nullptr},
                     [&] { parallel_for(7, [&](std::size_t) { ++number; }); });  // All of it, on this thread.
    seen += number;
  });
  EXPECT_EQ(seen, 3 * 7);
}

// Threads that ask at very different speeds; the same queue again and again.
TEST(ImageQueue, GivesEveryImageOnce) {
  for (const std::size_t count : {2U, 3U, 8U}) {
    for (const std::size_t batch : {count, std::size_t{33}}) {
      detail::ImageQueue queue{};
      for (int round = 0; round < 50; ++round) {
        std::vector<int> times(batch);
        on_plain_threads(count, [&](detail::TeamPlace place) {
          for (std::size_t i = queue.take(batch, count); i < batch; i = queue.take(batch, count)) {
            ++times[i];
            if (place.thread == 0) std::this_thread::yield();
          }
        });
        ASSERT_EQ(times, std::vector<int>(batch, 1)) << count << " threads, round " << round;
      }
    }
  }
}

// One that asks first gets all, and the others nothing: nobody waits for a thread that is late.
TEST(ImageQueue, HasNoPartOfAThread) {
  detail::ImageQueue queue{};
  for (int round = 0; round < 3; ++round) {
    for (std::size_t image = 0; image < 5; ++image) EXPECT_EQ(queue.take(5, 3), image);
    for (int thread = 0; thread < 3; ++thread) EXPECT_GE(queue.take(5, 3), 5U);
  }
}

/// All threads of `plan`, or as many as there are, one after the other.
template <class Body>
void each_place(std::size_t threads, const detail::TeamPlan& plan, detail::TeamMemory& memory, const Body& body) {
  for (std::size_t thread = 0; thread < threads; ++thread) {
    detail::do_images(plan, memory, {thread, threads},
                      [&](std::size_t image, const detail::TeamMember& member) { body(image, member, thread); });
  }
}

TEST(DoImages, GivesEveryImageToOneTeam) {
  for (const std::size_t threads : {1U, 2U, 3U, 5U, 8U, 64U}) {
    for (const std::size_t batch : {1U, 2U, 3U, 10U, 32U}) {
      for (const std::size_t given : {threads, (threads + 1) / 2}) {  // OpenMP may give fewer than were asked for.
        SCOPED_TRACE(testing::Message() << batch << " images, " << given << " of " << threads << " threads");
        const detail::TeamPlan plan{batch, threads, 128, 64};
        detail::TeamMemory memory{plan};
        std::vector<std::vector<std::size_t>> places(batch);
        std::vector<std::byte*> values(batch);
        std::size_t most = 0;
        each_place(given, plan, memory, [&](std::size_t image, const detail::TeamMember& member, std::size_t) {
          most = std::max(most, member.place.count);
          EXPECT_EQ(thread_count(), 1);
          if (member.first()) values[image] = member.values;
          EXPECT_EQ(values[image], member.values);
          EXPECT_EQ(member.place.thread, places[image].size());
          places[image].push_back(member.place.count);
        });
        for (const auto& of_image : places) {
          ASSERT_FALSE(of_image.empty());
          for (const std::size_t count : of_image) EXPECT_EQ(count, of_image.size());
        }
        EXPECT_EQ(most, (given + std::min(batch, given) - 1) / std::min(batch, given));
      }
    }
  }
}

TEST(DoImages, GivesThreadsMemoryOfTheirOwn) {
  const detail::TeamPlan plan{3, 8, 128, 64};
  detail::TeamMemory memory{plan};
  each_place(8, plan, memory, [&](std::size_t image, const detail::TeamMember& member, std::size_t thread) {
    if (member.first()) std::fill_n(member.values, plan.values_bytes, static_cast<std::byte>(image));
    std::fill_n(member.scratchpad, plan.scratchpad_bytes, static_cast<std::byte>(100 + thread));
  });
  each_place(8, plan, memory, [&](std::size_t image, const detail::TeamMember& member, std::size_t thread) {
    EXPECT_EQ(std::count(member.values, member.values + plan.values_bytes, static_cast<std::byte>(image)), 128);
    EXPECT_EQ(
        std::count(member.scratchpad, member.scratchpad + plan.scratchpad_bytes, static_cast<std::byte>(100 + thread)),
        64);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(member.scratchpad) % buffer_alignment, 0U);
  });
  EXPECT_EQ(plan.bytes(), sizeof(detail::ImageQueue) + 3 * (sizeof(detail::TeamBarrier) + 128) + 8 * 64);
}

TEST(ForImages, GivesEveryImageOnceToEveryMember) {
  for (const std::size_t threads : {1U, 3U, 16U}) {
    const detail::TeamPlan plan{10, threads, 64, 64};
    detail::TeamMemory memory{plan};
    std::vector<std::atomic<std::size_t>> seen(plan.batch);
    std::vector<std::atomic<std::size_t>> expected(plan.batch);
    detail::for_images(plan, memory, [&](std::size_t image, const detail::TeamMember& member) {
      ++seen[image];
      expected[image] = member.place.count;
      if (thread_count() != 1) ++seen[image];  // What an image calls must not start threads of its own.
    });
    for (std::size_t image = 0; image < plan.batch; ++image) EXPECT_EQ(seen[image], expected[image]);
  }
}

}  // namespace
}  // namespace attar::test::team_test
