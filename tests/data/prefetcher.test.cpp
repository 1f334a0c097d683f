// SPDX-License-Identifier: MIT
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <attar/data/prefetcher.hpp>

namespace attar::prefetcher_test {
namespace {

using attar::Prefetcher;
using Item = std::uint64_t;

void square(std::uint64_t position, Item& item) {
  item = position * position;
}

TEST(Prefetcher, GivesItemsInOrder) {
  Prefetcher<Item> prefetcher{std::vector<Item>(3), square};
  for (std::uint64_t i = 0; i < 1000; ++i) EXPECT_EQ(prefetcher.next(), i * i);
}

TEST(Prefetcher, WorksWithASingleBuffer) {
  Prefetcher<Item> prefetcher{std::vector<Item>(1), square};
  for (std::uint64_t i = 0; i < 100; ++i) EXPECT_EQ(prefetcher.next(), i * i);
}

TEST(Prefetcher, KeepsTheItemThatIsHeld) {
  std::atomic<std::uint64_t> made{0};
  Prefetcher<Item> prefetcher{std::vector<Item>(3), [&](std::uint64_t position, Item& item) {
                                square(position, item);
                                ++made;
                              }};
  const Item& held = prefetcher.next();
  while (made < 3) std::this_thread::yield();  // The one that is held and two ahead.
  std::this_thread::sleep_for(std::chrono::milliseconds{5});
  EXPECT_EQ(made, 3U);
  EXPECT_EQ(held, 0U);
  EXPECT_EQ(prefetcher.next(), 1U);
}

TEST(Prefetcher, UsesTheSameBuffersAgain) {
  Prefetcher<Item> prefetcher{std::vector<Item>(3), square};
  std::set<const Item*> places;
  for (int i = 0; i < 30; ++i) places.insert(&prefetcher.next());
  EXPECT_EQ(places.size(), 3U);
}

TEST(Prefetcher, CanBeEnteredAnywhere) {
  Prefetcher<Item> prefetcher{std::vector<Item>(3), square};
  for (const std::uint64_t start : {0U, 5U, 5U, 6U, 1000U, 2U, 0U}) {
    prefetcher.seek(start);
    EXPECT_EQ(prefetcher.next(), start * start);
    EXPECT_EQ(prefetcher.next(), (start + 1) * (start + 1));
  }
}

TEST(Prefetcher, GoingToTheNextItemDropsNothing) {
  std::atomic<std::uint64_t> made{0};
  {
    Prefetcher<Item> prefetcher{std::vector<Item>(3), [&](std::uint64_t, Item&) { ++made; }};
    for (std::uint64_t i = 0; i < 100; ++i) {
      prefetcher.seek(i);
      (void)prefetcher.next();
    }
  }
  EXPECT_LE(made, 103U);
}

TEST(Prefetcher, SurvivesManyJumps) {
  Prefetcher<Item> prefetcher{std::vector<Item>(2), square};
  for (std::uint64_t i = 0; i < 2000; ++i) {
    const std::uint64_t position = i * 7919 % 1000;
    prefetcher.seek(position);
    if (i % 3 != 0) {
      ASSERT_EQ(prefetcher.next(), position * position);
    }
  }
}

TEST(Prefetcher, AnErrorArrivesInPlaceOfItsItem) {
  Prefetcher<Item> prefetcher{std::vector<Item>(3), [](std::uint64_t position, Item& item) {
                                if (position == 4) throw std::runtime_error{"four"};
                                square(position, item);
                              }};
  for (std::uint64_t i = 0; i < 4; ++i) EXPECT_EQ(prefetcher.next(), i * i);
  EXPECT_THROW((void)prefetcher.next(), std::runtime_error);
  EXPECT_THROW((void)prefetcher.next(), std::runtime_error);
  prefetcher.seek(7);
  EXPECT_EQ(prefetcher.next(), 49U);
}

TEST(Prefetcher, CanBeLeftAtAnyTime) {
  for (int reads = 0; reads < 5; ++reads) {
    Prefetcher<Item> prefetcher{std::vector<Item>(3), square};
    for (int i = 0; i < reads; ++i) (void)prefetcher.next();
  }
  const Prefetcher<Item> failing{std::vector<Item>(3),
                                 [](std::uint64_t, Item&) { throw std::runtime_error{"never seen"}; }};
}

}  // namespace
}  // namespace attar::prefetcher_test
