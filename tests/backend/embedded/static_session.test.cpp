// SPDX-License-Identifier: MIT
#include <array>
#include <atomic>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/embedded/static_session.hpp>

namespace attar::test {
namespace {

TEST(ForImages, GivesEveryImageOnceAndEveryThreadItsArena) {
  constexpr std::size_t arena_bytes = 64;
  std::vector<std::byte> arenas(3 * arena_bytes);
  std::array<std::atomic<int>, 10> seen{};
  detail::for_images(seen.size(), Threads{3}, arenas.data(), arena_bytes, [&](std::size_t image, std::byte* arena) {
    ++seen[image];
    const auto at = static_cast<std::size_t>(arena - arenas.data());
    if (at % arena_bytes != 0 || at >= arenas.size()) ++seen[image];
    if (thread_count() != 1) ++seen[image];  // What an image calls must not start threads of its own.
  });
  for (const auto& count : seen) EXPECT_EQ(count, 1);
}

}  // namespace
}  // namespace attar::test
