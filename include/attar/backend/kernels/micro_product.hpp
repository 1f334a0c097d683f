// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <utility>

#include <attar/backend/kernels/vector.hpp>

namespace attar::detail {

/// A matrix of floats somewhere in memory: element (i, j) is at `data[i * row + j * column]`.
template <class T>
struct Strided {
  T* data;
  std::size_t row;
  std::size_t column;
};

/// Keeps the compiler from reading `value` from memory again at every use.
template <class Vector>
[[gnu::always_inline]] inline void keep_in_register([[maybe_unused]] Vector& value) noexcept {
#if defined(__AVX512F__)
  asm("" : "+v"(value));
#elif defined(__AVX__)
  asm("" : "+x"(value));
#elif defined(__aarch64__)
  asm("" : "+w"(value));
#endif
}

/// `Rows` x `Vectors` registers of sums: result (+)= left * right over `depth` products. The columns of `right` and
/// `result` are contiguous, `Vectors` native vectors of them.
template <int Rows, int Vectors>
[[gnu::flatten]] inline void micro_product(std::size_t depth, Strided<const float> left, const float* right,
                                           std::size_t right_row, float* result, std::size_t result_row,
                                           bool accumulate) noexcept {
  constexpr Lanes<native_lanes> lanes{};
  using Vector = Floats<native_lanes>;
  const auto each = []<std::size_t... I>(std::index_sequence<I...>, auto&& body) { (body(I), ...); };
  constexpr std::make_index_sequence<Rows> rows;
  constexpr std::make_index_sequence<Vectors> vectors;
  std::array<std::array<Vector, Vectors>, Rows> sums{};
  // A pointer to every fourth row: an address is one of them plus 0 to 3 rows, which spares registers.
  std::array<const float*, (Rows + 3) / 4> groups;
  for (std::size_t g = 0; g < groups.size(); ++g) groups[g] = left.data + 4 * g * left.row;
  for (std::size_t k = 0; k < depth; ++k) {
    std::array<Vector, Vectors> factors;
    each(vectors, [&](std::size_t v) {
      factors[v] = load(right + v * native_lanes, lanes);
      if constexpr (native_lanes == 16) keep_in_register(factors[v]);  // Narrower ones have too few registers.
    });
    each(rows, [&](std::size_t r) {
      const float factor = groups[r / 4][r % 4 * left.row];
      each(vectors, [&](std::size_t v) { sums[r][v] += factor * factors[v]; });
    });
    for (const float*& group : groups) group += left.column;
    right += right_row;
  }
  each(rows, [&](std::size_t r) {
    each(vectors,
         [&](std::size_t v) { put(result + r * result_row + v * native_lanes, sums[r][v], accumulate, lanes); });
  });
}

/// What the number of rows of a product must be a multiple of.
inline constexpr std::size_t micro_rows = 16;

/// result (+)= left * right. `rows` is a multiple of `micro_rows`, `columns` of the native vector.
inline void block_product(std::size_t rows, std::size_t columns, std::size_t depth, Strided<const float> left,
                          const float* right, std::size_t right_row, float* result, std::size_t result_row,
                          bool accumulate) noexcept {
  const auto run = [&]<int Rows, int Vectors>(std::integral_constant<int, Rows>, std::integral_constant<int, Vectors>) {
    for (std::size_t column = 0; column < columns; column += Vectors * native_lanes) {
      for (std::size_t row = 0; row < rows; row += Rows) {
        micro_product<Rows, Vectors>(depth, {left.data + row * left.row, left.row, left.column}, right + column,
                                     right_row, result + row * result_row + column, result_row, accumulate);
      }
    }
  };
  const std::size_t vectors = columns / native_lanes;
  if (vectors % 4 == 0) {
    run(std::integral_constant<int, 4>{}, std::integral_constant<int, 4>{});
  } else if (vectors % 2 == 0) {
    run(std::integral_constant<int, 8>{}, std::integral_constant<int, 2>{});
  } else {
    run(std::integral_constant<int, 16>{}, std::integral_constant<int, 1>{});
  }
}

}  // namespace attar::detail
