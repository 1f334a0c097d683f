// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>

#include <gtest/gtest.h>

#include <attar/backend/embedded/tiling.hpp>

namespace attar::test::tiling_test {
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

TEST(BestVectors, CopiesNumbersOfTheImageSeldomWhereThatIsCostly) {
  detail::TileLimits limits{.lanes = 4, .sums = 24, .most_vectors = 4, .latency = 1};
  const detail::ProductShape shape{{16, 32, 32}, {16, 32, 32}, {{3, 3}, {1, 1}, {1, 1}, {1, 1}}, 1};
  EXPECT_EQ(detail::best_vectors(shape, limits), 3);
  limits.costly_broadcast = true;
  EXPECT_EQ(detail::best_vectors(shape, limits), 4);
}

TEST(Cut, MakesPiecesOfTwoLengths) {
  for (std::size_t width = 1; width < 40; ++width) {
    for (std::size_t most = 1; most <= 12; ++most) {
      const detail::Pieces pieces = detail::cut(width, most);
      EXPECT_LE(pieces.size, most);
      EXPECT_EQ(pieces.count * pieces.size + pieces.shorter * (pieces.size - 1), width);
      EXPECT_EQ(pieces.count + pieces.shorter, (width + most - 1) / most);
      EXPECT_GE(pieces.count, 1U);
      EXPECT_EQ(pieces.begin(pieces.all()), width);
      for (std::size_t i = 0; i < pieces.all(); ++i) {
        EXPECT_EQ(pieces.begin(i + 1) - pieces.begin(i), i < pieces.count ? pieces.size : pieces.size - 1);
      }
    }
  }
}

}  // namespace
}  // namespace attar::test::tiling_test
