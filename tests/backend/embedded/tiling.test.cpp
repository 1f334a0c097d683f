// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/backend/embedded/tiling.hpp>

namespace attar::test {
namespace {

using detail::ProductShape;
using detail::Tiling;

constexpr Op pointwise = [] {
  Op op;
  op.kind = OpKind::conv2d;
  return op;
}();

// All pixels are one row where the window is one pixel.
static_assert(detail::product_shape(pointwise, {8, 4, 6}, {16, 4, 6}) == ProductShape{{8, 1, 24}, {16, 1, 24}, {}, 1});

constexpr Op linear = [] {
  Op op;
  op.kind = OpKind::linear;
  return op;
}();
static_assert(detail::product_shape(linear, {8, 2, 2}, {10, 1, 1}) == ProductShape{{32, 1, 1}, {10, 1, 1}, {}, 1});

TEST(Tiling, FitsIntoTheRegisters) {
  for (const int lanes : {4, 8, 16}) {
    for (const int outputs : {1, 8, 16, 24, 64, 512}) {
      for (const int width : {1, 2, 7, 32}) {
        const Tiling tiling{{{16, 8, width}, {outputs, 8, width}, {}, 1}, lanes};
        EXPECT_LE(tiling.vectors * tiling.pixels, Tiling::registers);
        EXPECT_LE(tiling.pixels, width);
        EXPECT_GE(tiling.pixels, 1);
        EXPECT_LE(tiling.vectors, (outputs + lanes - 1) / lanes);
      }
    }
  }
}

TEST(Tiling, CutsARowIntoPiecesOfTwoLengths) {
  for (int width = 1; width < 40; ++width) {
    for (int most = 1; most <= 12; ++most) {
      const int pieces = (width + most - 1) / most;
      const int longest = (width + pieces - 1) / pieces;
      EXPECT_EQ(detail::piece_begin(width, most, 0), 0);
      EXPECT_EQ(detail::piece_begin(width, most, pieces), width);
      for (int i = 0; i < pieces; ++i) {
        const int length = detail::piece_begin(width, most, i + 1) - detail::piece_begin(width, most, i);
        EXPECT_TRUE(length == longest || length == longest - 1);
        EXPECT_LE(length, most);
      }
    }
  }
}

}  // namespace
}  // namespace attar::test
