// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include "plain_product.hpp"
#include <attar/backend/embedded/dot.hpp>
#include <attar/backend/embedded/tile.hpp>

namespace attar::test::tile_test {
namespace {

using detail::FloatDot;

TEST(TileWindow, CountsGroups) {
  constexpr detail::TileWindow window{1, 1, 9, 0, 0};
  static_assert(window.groups(1) == 9 && window.groups(2) == 5 && window.groups(4) == 3);
}

TEST(Tile, BeginsWithWhatItIsGiven) {
  std::vector<float> start(2 * FloatDot::lanes);
  for (std::size_t i = 0; i < start.size(); ++i) start[i] = static_cast<float>(i);
  detail::Tile<FloatDot, 3, 2> tile;
  tile.begin(start.data());
  for (const auto& pixel : tile.sums) {
    for (std::size_t i = 0; i < start.size(); ++i) {
      EXPECT_EQ(pixel[i / FloatDot::lanes][static_cast<int>(i % FloatDot::lanes)], start[i]);
    }
  }
}

TEST(Tile, AddsAllPartsOfWindows) {
  constexpr detail::TileWindow window{.rows = 2, .columns = 2, .part = 3, .row_step = 40, .column_step = 6};
  const auto image = whole_numbers<float>(100, 1);
  const auto weights = whole_numbers<float>(2 * 2 * 3 * 2 * FloatDot::lanes, 2);
  const std::vector<float> zeros(2 * FloatDot::lanes);
  detail::Tile<FloatDot, 3, 2> tile;
  tile.begin(zeros.data());
  tile.multiply(window, detail::WindowsOfRow<float>{image.data(), 4}, weights.data());
  FloatDot::Sum sums[3][2];
  tile.store(sums);
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

TEST(Tile, MultipliesVectors) {
  const auto image = whole_numbers<float>(100, 3);
  const auto weights = whole_numbers<float>(2 * FloatDot::lanes, 4);
  const std::vector<float> ones(2 * FloatDot::lanes, 1);
  detail::Tile<FloatDot, 2, 2> tile;
  tile.begin(ones.data());
  tile.multiply_vectors(image.data(), 5, weights.data());
  for (std::size_t p = 0; p < 2; ++p) {
    for (std::size_t i = 0; i < weights.size(); ++i) {
      EXPECT_EQ(tile.sums[p][i / FloatDot::lanes][static_cast<int>(i % FloatDot::lanes)],
                1 + image[5 * p + i] * weights[i]);
    }
  }
}

TEST(ForPieces, CoversARowWithSizesAsConstants) {
  std::size_t next = 0;
  detail::for_pieces<32, 6>([&]<std::size_t Pixels>(std::integral_constant<std::size_t, Pixels>, std::size_t first) {
    static_assert(Pixels == 5 || Pixels == 6);
    EXPECT_EQ(first, next);
    next += Pixels;
  });
  EXPECT_EQ(next, 32U);
  detail::for_pieces<1, 6>([](auto size, std::size_t) { EXPECT_EQ(size(), 1U); });
}

TEST(ForPieces, TakesSomeOfThem) {
  constexpr std::size_t all = detail::cut(32, 6).all();
  std::size_t next = 0;
  for (std::size_t begin = 0; begin < all; begin += 2) {
    detail::for_pieces<32, 6>({begin, std::min(begin + 2, all)}, [&](auto size, std::size_t first) {
      EXPECT_EQ(first, next);
      next += size();
    });
    detail::for_pieces<32, 6>({begin, begin}, [](auto, std::size_t) { ADD_FAILURE(); });
  }
  EXPECT_EQ(next, 32U);
}

/// Rows that fit into what is kept of them, and rows that do not, whole and in parts: every sum is handed on once.
template <std::size_t Width>
void expect_whole_row(std::size_t parts) {
  constexpr std::size_t count = FloatDot::lanes - 1;
  constexpr std::size_t all = detail::cut(Width, 6).all();
  std::vector<double> result((Width + 2) * count, -1);
  for (std::size_t part = 0; part < parts; ++part) {
    detail::sum_row<FloatDot, 1, count, Width, 6>(detail::TeamPlace{part, parts}.part_of(all), 2, 0,
                                                  PlainSums{count, result},
                                                  [](auto size, std::size_t first, FloatDot::Sum(*to)[1]) {
                                                    for (std::size_t p = 0; p < size(); ++p)
                                                      to[p][0] = FloatDot::Sum{} + static_cast<float>(first + p);
                                                  });
  }
  for (std::size_t i = 0; i < result.size(); ++i) {
    EXPECT_EQ(result[i], i < 2 * count ? -1.0 : static_cast<double>(i / count - 2));
  }
}
TEST(SumRow, HandsAllSumsOn) {
  for (const std::size_t parts : {1U, 2U, 7U}) expect_whole_row<1>(parts);
  for (const std::size_t parts : {1U, 2U, 7U}) expect_whole_row<13>(parts);
  for (const std::size_t parts : {1U, 2U, 7U}) expect_whole_row<1031>(parts);
}

}  // namespace
}  // namespace attar::test::tile_test
