// SPDX-License-Identifier: MIT
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/kernels/channel_rows.hpp>

namespace attar::detail::channel_rows_test {
namespace {

struct Size {
  std::size_t channels;
  std::size_t pixels;
};
constexpr Size sizes[] = {{1, 1},     {1, 1000}, {3, 7},   {16, 4096}, {17, 333},
                          {64, 2000}, {100, 50}, {256, 3}, {255, 600}};

TEST(ChannelRows, RowsHoldWholePixelsAndWholeVectors) {
  for (const auto [channels, pixels] : sizes) {
    const ChannelRows rows{channels, pixels};
    EXPECT_EQ(rows.row() % channels, 0U);
    EXPECT_EQ(rows.row() % native_lanes, 0U);
    EXPECT_GE(rows.row(), 4U * native_lanes);
  }
}

TEST(ChannelRows, BlocksCoverEachElementOnceAtItsChannel) {
  for (const auto [channels, pixels] : sizes) {
    for (const bool backwards : {false, true}) {
      const ChannelRows rows{channels, pixels};
      std::vector<int> visits(channels * pixels);
      for (std::size_t part = 0; part < rows.parts(); ++part) {
        rows.visit(part, backwards,
                   [&]<int V, int L>(Block<V, L>, std::size_t at, std::size_t count, std::size_t place) {
                     for (std::size_t row = 0; row < count; ++row) {
                       for (std::size_t i = 0; i < V * L; ++i) {
                         const std::size_t element = at + row * rows.row() + i;
                         ASSERT_LT(element, visits.size());
                         ++visits[element];
                         EXPECT_EQ(element % channels, (place + i) % channels);
                       }
                     }
                   });
      }
      for (const int count : visits) ASSERT_EQ(count, 1) << channels << " channels, " << pixels << " pixels";
    }
  }
}

TEST(ChannelRows, PartsDoNotDependOnThreads) {
  const int before = thread_count();
  set_thread_count(1);
  const std::size_t one = ChannelRows{16, 40000}.parts();
  set_thread_count(2);
  EXPECT_EQ(one, (ChannelRows{16, 40000}.parts()));
  set_thread_count(before);
}

TEST(ChannelRows, RepeatsWhatBelongsToAChannel) {
  const ChannelRows rows{3, 100};
  std::vector<float> row(rows.row());
  rows.repeat(row.data(), [](std::size_t c) { return c + 1; });
  for (std::size_t i = 0; i < row.size(); ++i) EXPECT_EQ(row[i], static_cast<float>(i % 3 + 1));
}

}  // namespace
}  // namespace attar::detail::channel_rows_test
