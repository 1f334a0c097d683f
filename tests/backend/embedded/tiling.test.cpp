// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <type_traits>

#include <gtest/gtest.h>

#include <attar/backend/embedded/tiling.hpp>

namespace attar::test {
namespace {

using detail::ProductShape;

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

TEST(BestVectors, IsNoMoreThanThereAre) {
  for (const int lanes : {4, 8, 16}) {
    for (const int outputs : {1, 8, 16, 24, 64, 512}) {
      for (const int width : {1, 2, 7, 32}) {
        const ProductShape shape{{16, 8, width}, {outputs, 8, width}, {}, 1};
        const int vectors = detail::best_vectors(shape, {.lanes = lanes, .sums = 12, .most_vectors = 3, .latency = 4});
        EXPECT_GE(vectors, 1);
        EXPECT_LE(vectors, std::min(3, (outputs + lanes - 1) / lanes));
      }
    }
  }
}

// More sums in flight where one vector of outputs has too few.
TEST(BestVectors, FillsTheRegisters) {
  const detail::TileLimits limits{.lanes = 8, .sums = 12, .most_vectors = 2, .latency = 4};
  EXPECT_EQ(detail::best_vectors({{64, 8, 4}, {240, 8, 4}, {}, 1}, limits), 2);
  EXPECT_EQ(detail::best_vectors({{64, 8, 4}, {8, 8, 4}, {}, 1}, limits), 1);
}

TEST(PieceBegin, CutsARowIntoPiecesOfTwoLengths) {
  for (int width = 1; width < 40; ++width) {
    for (int most = 1; most <= 12; ++most) {
      const int pieces = detail::piece_count(width, most);
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

TEST(ForPieces, CoversARowWithSizesAsConstants) {
  std::size_t next = 100;
  detail::for_pieces<32, 6>(100, [&]<int Pixels>(std::integral_constant<int, Pixels>, std::size_t first) {
    static_assert(Pixels == 5 || Pixels == 6);
    EXPECT_EQ(first, next);
    next += std::size_t{Pixels};
  });
  EXPECT_EQ(next, 132U);
  detail::for_pieces<1, 6>(0, [](auto size, std::size_t) { EXPECT_EQ(size(), 1); });
}

}  // namespace
}  // namespace attar::test
