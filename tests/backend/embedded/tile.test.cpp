// SPDX-License-Identifier: MIT
#include <array>
#include <vector>

#include <gtest/gtest.h>

#include "plain_product.hpp"
#include <attar/backend/embedded/dot.hpp>
#include <attar/backend/embedded/tile.hpp>

namespace attar::test {
namespace {

using detail::FloatDot;

TEST(TileWindow, CountsGroups) {
  constexpr detail::TileWindow window{1, 1, 9, 0, 0};
  static_assert(window.groups(1) == 9 && window.groups(2) == 5 && window.groups(4) == 3);
}

TEST(SumTile, BeginsWithWhatItIsGiven) {
  std::vector<float> start(2 * FloatDot::lanes);
  for (std::size_t i = 0; i < start.size(); ++i) start[i] = static_cast<float>(i);
  const auto sums = detail::sum_tile<FloatDot, 3, 2>(start.data(), [](auto&) {});
  for (const auto& pixel : sums) {
    for (std::size_t i = 0; i < start.size(); ++i) {
      EXPECT_EQ(pixel[i / FloatDot::lanes][static_cast<int>(i % FloatDot::lanes)], start[i]);
    }
  }
}

TEST(MultiplyTile, AddsAllParts) {
  constexpr detail::TileWindow window{.rows = 2, .columns = 2, .part = 3, .row_step = 40, .column_step = 6};
  const auto image = whole_numbers<float>(100, 1);
  const auto weights = whole_numbers<float>(2 * 2 * 3 * 2 * FloatDot::lanes, 2);
  detail::TileSums<FloatDot, 3, 2> sums{};
  detail::multiply_tile<FloatDot, 3, 2, window>([&](std::size_t p) { return image.data() + 4 * p; }, weights.data(),
                                                sums);
  for (std::size_t p = 0; p < 3; ++p) {
    for (std::size_t lane = 0; lane < 2 * FloatDot::lanes; ++lane) {
      float truth = 0;
      for (std::size_t part = 0; part < 4; ++part) {
        for (std::size_t k = 0; k < 3; ++k) {
          truth +=
              image[part / 2 * 40 + part % 2 * 6 + p * 4 + k] * weights[(part * 3 + k) * 2 * FloatDot::lanes + lane];
        }
      }
      EXPECT_EQ(sums[p][lane / FloatDot::lanes][static_cast<int>(lane % FloatDot::lanes)], truth);
    }
  }
}

}  // namespace
}  // namespace attar::test
