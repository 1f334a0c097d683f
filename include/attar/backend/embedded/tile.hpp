// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <utility>

#include <attar/backend/kernels/micro_product.hpp>

namespace attar::detail {

/// A window over rows of elements as the compiler sees it: `rows` x `columns` parts of `part` neighbouring numbers.
struct TileWindow {
  std::size_t rows, columns, part;
  std::size_t row_step, column_step;  ///< Between parts, in elements.
  std::size_t pixel_step;             ///< Between the windows of neighbouring pixels.

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

/// The sums of a tile: begun with `start`, a vector for each vector of outputs, or with zeros where that is null; made
/// by `add(sums)`; written to memory when they are done.
template <class Dot, int Pixels, int Vectors, class Number, class Add>
[[gnu::always_inline]] inline TileSums<Dot, Pixels, Vectors> sum_tile(const Number* start, Add&& add) noexcept {
  TileSums<Dot, Pixels, Vectors> sums{};
  if (start != nullptr) {
    for_each_index<Vectors>([&](auto v) {
      const auto first = load_factor<Dot>(start + v * Dot::lanes);
      for_each_index<Pixels>([&](auto p) { sums[p][v] = first; });
    });
  }
  add(sums);
  TileSums<Dot, Pixels, Vectors> result;
  for_each_index<Pixels>([&](auto p) { for_each_index<Vectors>([&](auto v) { result[p][v] = sums[p][v]; }); });
  return result;
}

/// Adds the products of the windows of `Pixels` pixels, the first of which begins at `image`, with packed weights: for
/// each part, group and vector one register. All loops have constant bounds, and all addresses are a register and a
/// constant.
template <class Dot, int Pixels, int Vectors, TileWindow W>
[[gnu::always_inline]] inline void multiply_tile(const typename Dot::Element* image,
                                                 const typename Dot::Weight* weights,
                                                 TileSums<Dot, Pixels, Vectors>& sums) noexcept {
  using Factor = typename Dot::Factor;
  constexpr std::size_t size = Dot::group;
  for (std::size_t row = 0; row < W.rows; ++row) {
    for (std::size_t column = 0; column < W.columns; ++column) {
      const typename Dot::Element* at = image + row * W.row_step + column * W.column_step;
      for (std::size_t i = 0; i < W.groups(size); ++i) {
        std::array<Factor, Vectors> right;
        for_each_index<Vectors>([&](auto v) { right[v] = load_factor<Dot>(weights + v * size * Dot::lanes); });
        for_each_index<Pixels>([&](auto p) {
          const Factor left = Dot::broadcast(at + p * W.pixel_step);
          for_each_index<Vectors>([&](auto v) { sums[p][v] = Dot::add(sums[p][v], left, right[v]); });
        });
        at += size;
        weights += size * Vectors * Dot::lanes;
      }
    }
  }
}

}  // namespace attar::detail
