// SPDX-License-Identifier: MIT
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/kernels/micro_product.hpp>
#include <attar/core/rng.hpp>

namespace attar::detail::micro_product_test {
namespace {

std::vector<float> integers(std::size_t count, std::uint64_t stream) {
  Rng rng{Seed{2}, stream};
  std::vector<float> numbers(count);
  for (float& x : numbers) x = static_cast<float>(rng.below(9)) - 4.0F;
  return numbers;
}

/// Against plain loops; the matrices have gaps between their rows.
void check(std::size_t rows, std::size_t columns, std::size_t depth, bool transposed, bool accumulate) {
  SCOPED_TRACE(std::to_string(rows) + " x " + std::to_string(columns) + " x " + std::to_string(depth));
  constexpr std::size_t gap = 3;
  const auto left = integers((rows + gap) * (depth + gap), 1);
  const auto right = integers(depth * (columns + gap), 2);
  const auto before = integers(rows * (columns + gap), 3);
  const std::size_t row = transposed ? 1 : depth + gap;
  const std::size_t column = transposed ? rows + gap : 1;
  auto expected = before;
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      float sum = accumulate ? before[i * (columns + gap) + j] : 0.0F;
      for (std::size_t k = 0; k < depth; ++k) sum += left[i * row + k * column] * right[k * (columns + gap) + j];
      expected[i * (columns + gap) + j] = sum;
    }
  }
  auto found = before;
  block_product(rows, columns, depth, {left.data(), row, column}, right.data(), columns + gap, found.data(),
                columns + gap, accumulate);
  EXPECT_EQ(found, expected);
}

TEST(BlockProduct, EqualsPlainLoops) {
  for (const std::size_t vectors : {1U, 2U, 3U, 4U, 6U, 8U}) {
    for (const std::size_t rows : {micro_rows, 3 * micro_rows}) {
      for (const std::size_t depth : {std::size_t{1}, std::size_t{7}, std::size_t{16}}) {
        check(rows, vectors * native_lanes, depth, false, false);
        check(rows, vectors * native_lanes, depth, true, true);
      }
    }
  }
}

}  // namespace
}  // namespace attar::detail::micro_product_test
