// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include <attar/backend/embedded/tiling.hpp>
#include <attar/backend/kernels/micro_product.hpp>
#include <attar/backend/kernels/vector.hpp>

namespace attar::detail {

/// A window over rows of elements as the compiler sees it: `rows` x `columns` parts of `part` neighbouring numbers.
struct TileWindow {
  std::size_t rows, columns, part;
  std::size_t row_step, column_step;  ///< Between parts, in elements.

  /// Groups of `size` numbers that a part is padded to.
  [[nodiscard]] constexpr std::size_t groups(std::size_t size) const { return (part + size - 1) / size; }
};

/// The sums of a tile.
template <class Dot, int Pixels, int Vectors>
using TileSums = std::array<std::array<typename Dot::Sum, Vectors>, Pixels>;

/// Calls `body` with the constants 0 ... Count - 1 in place, so that arrays indexed by them become registers.
template <int Count, class Body>
[[gnu::always_inline]] inline void for_each_index(Body&& body) {
  const auto run = [&]<std::size_t... I>(std::index_sequence<I...>)
                       __attribute__((always_inline)) { (body(std::integral_constant<std::size_t, I>{}), ...); };
  run(std::make_index_sequence<Count>{});
}

/// One vector of weights, or of numbers of an image.
template <class Dot, class Number>
[[nodiscard, gnu::always_inline]] inline typename Dot::Factor load_factor(const Number* from) noexcept {
  typename Dot::Factor result;
  std::memcpy(&result, from, sizeof(result));
  return result;
}

/// What a sum is made of.
template <class Dot>
using SumNumber = std::conditional_t<std::is_same_v<typename Dot::Sum, Floats<Dot::lanes>>, float, std::int32_t>;

/// Sums that stay in registers: begins those of all pixels with the vectors at `start`, or with zeros where that is
/// null, and calls `add(sums)`.
template <class Dot, int Pixels, int Vectors, class Add>
[[nodiscard, gnu::always_inline]] inline TileSums<Dot, Pixels, Vectors> sum_tile(const SumNumber<Dot>* start,
                                                                                 Add&& add) noexcept {
  TileSums<Dot, Pixels, Vectors> sums{};
  if (start != nullptr) {
    for_each_index<Vectors>([&](auto v) {
      typename Dot::Sum first;
      std::memcpy(&first, start + v * Dot::lanes, sizeof(first));
      for_each_index<Pixels>([&](auto p) { sums[p][v] = first; });
    });
  }
  add(sums);
  return sums;
}

/// Adds the products of whole windows: for each part, group and vector of outputs one register of packed weights.
/// `pixel(p)` is where the window of a pixel begins. All loops have constant bounds.
template <class Dot, int Pixels, int Vectors, TileWindow W, class PixelAt>
[[gnu::always_inline]] inline void multiply_tile(PixelAt&& pixel, const typename Dot::Weight* weights,
                                                 TileSums<Dot, Pixels, Vectors>& sums) noexcept {
  constexpr std::size_t size = Dot::group;
  // Else compilers load weights again for every pixel. Where no register is left for that, it is better.
  constexpr bool kept = many_registers || Pixels * Vectors + Vectors + Dot::temporaries < 16;
  for (std::size_t row = 0; row < W.rows; ++row) {
    for (std::size_t column = 0; column < W.columns; ++column) {
      std::size_t at = row * W.row_step + column * W.column_step;
      for (std::size_t i = 0; i < W.groups(size); ++i, at += size, weights += size * Vectors * Dot::lanes) {
        std::array<typename Dot::Factor, Vectors> right;
        for_each_index<Vectors>([&](auto v) {
          auto factor = load_factor<Dot>(weights + v * size * Dot::lanes);
          if constexpr (kept) keep_in_register(factor);
          right[v] = factor;
        });
        for_each_index<Pixels>([&](auto p) {
          const typename Dot::Factor left = Dot::broadcast(pixel(p) + at);
          for_each_index<Vectors>([&](auto v) { sums[p][v] = Dot::add(sums[p][v], left, right[v]); });
        });
      }
    }
  }
}

}  // namespace attar::detail
