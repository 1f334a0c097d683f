// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <type_traits>

#include <attar/backend/embedded/copied_rows.hpp>
#include <attar/backend/embedded/output_blocks.hpp>
#include <attar/backend/embedded/product_plan.hpp>
#include <attar/backend/embedded/tile.hpp>
#include <attar/backend/embedded/tiling.hpp>
#include <attar/core/parallel.hpp>

namespace attar::detail {

/// A convolution or linear layer of shape `S`, all of whose loops the compiler knows.
template <ProductShape S, class Dot>
class TiledProduct {
 public:
  using Element = typename Dot::Element;
  using Weight = typename Dot::Weight;
  using Number = SumNumber<Dot>;
  static constexpr ProductPlan<Dot> plan{S};

  /// Computes one image, or in a team this thread's part of it: `rows` as `copy_rows` takes them, sums begin with
  /// `starts` (one per channel, and room for a vector; see `has_starts`) and end in `finish` (see `sum_row`).
  template <class Rows, class Finish>
  static void run(const Weight* weights, const Number* starts, const Rows& rows, std::byte* scratchpad,
                  const Finish& finish) noexcept {
    auto* const copied = reinterpret_cast<Element*>(scratchpad);
    const Range own = by_lines ? own_part(plan.height) : Range{0, plan.height};
    const Range blocks = is_one_pixel ? own_part(plan.blocks.count()) : Range{0, plan.blocks.count()};
    if (blocks.begin == blocks.end) return;
    for (std::size_t begin = own.begin; begin < own.end; begin += plan.lines_at_once) {
      const std::size_t count = std::min(plan.lines_at_once, own.end - begin);
      const Element* const from_first = seen_rows(begin, count, rows, copied);
      for (std::size_t group = 0; group < static_cast<std::size_t>(S.groups); ++group) {
        const Lines lines{begin, count, from_first + group * S.inputs()};
        const Weight* const of_group = weights + group * plan.group_weights();
        for_blocks<plan.blocks>(blocks, [&]<int Vectors, std::size_t Outputs>(std::size_t block) {
          compute<Vectors, Outputs>(lines, of_group + block * plan.block_weights(plan.blocks.vectors),
                                    group * S.outputs() + block * plan.blocks.outputs, starts, finish);
        });
      }
    }
  }

 private:
  /// The rows of the image that `count` rows of the result from `begin` on see: copied, or where they are.
  template <class Rows>
  [[gnu::always_inline]] static const Element* seen_rows(std::size_t begin, std::size_t count, const Rows& rows,
                                                         Element* copied) noexcept {
    if constexpr (can_be_in_place<Rows>) {
      if (rows.is_in_place()) return rows.in_place(begin * plan.stride * plan.row_size);
    }
    if constexpr (sees_one_pixel) {
      copy_pixels(rows, copied);
      return copied;
    } else {
      copy_rows(plan, begin, count, rows, copied);
      return copied;
    }
  }

  /// `count` rows of the result from `begin` on; `rows` are those of the image from the first that these see.
  struct Lines {
    std::size_t begin, count;
    const Element* rows;

    /// Where the window of a pixel begins; pixels are counted from the first of these rows.
    [[nodiscard, gnu::always_inline]] const Element* window(std::size_t pixel) const noexcept {
      return rows + pixel / plan.width * plan.stride * plan.row_size + pixel % plan.width * plan.pixel_step;
    }
  };

  template <int Vectors>
  static constexpr auto most_pixels = static_cast<std::size_t>(Dot::limits.sums / Vectors);  ///< Of a tile.
  /// Where rows are short and a sum waits for the one before, a tile goes on in the next row.
  template <int Vectors>
  [[nodiscard]] static constexpr bool crosses_rows() {
    constexpr std::size_t most = most_pixels<Vectors>;
    return Dot::limits.latency > 1 && plan.lines_at_once == plan.height && plan.width < 2 * most &&
           plan.width % most != 0 && plan.height * plan.width > most;
  }
  /// What the threads of a team divide: blocks of outputs where there is one pixel, else lines of the result, else what
  /// each block has of pixels.
  static constexpr bool is_one_pixel = plan.height * plan.width == 1 && S.groups == 1;
  static constexpr bool by_lines =
      plan.height > 1 && !crosses_rows<plan.blocks.vectors>() && !crosses_rows<std::max(plan.blocks.rest_vectors, 1)>();

  /// Whether numbers may be read where they are: nothing surrounds them, and no group reaches beyond the last.
  template <class Rows>
  static constexpr bool can_be_in_place =
      S.window.padding == Extent{0, 0} && plan.window.part % Dot::group == 0 && requires(const Rows& r) {
        { r.in_place(0) } -> std::convertible_to<const Element*>;
      };
  /// Whether all of the image is one row whose pixels are seen one at a time.
  static constexpr bool sees_one_pixel = plan.height == 1 && S.window == Window{};

  /// The pieces of a row that are this thread's, and the pixels of those.
  template <int Vectors>
  [[nodiscard]] static Range own_pieces() noexcept {
    return is_one_pixel ? Range{0, 1} : own_part(cut(plan.height * plan.width, most_pixels<Vectors>).all());
  }
  template <int Vectors>
  [[nodiscard]] static Range own_pixels() noexcept {
    constexpr Pieces pieces = cut(plan.width, most_pixels<Vectors>);
    const Range own = own_pieces<Vectors>();
    return {pieces.begin(own.begin), pieces.begin(own.end)};
  }
  /// Copies the pixels that are this thread's in any block of outputs.
  template <class Rows>
  static void copy_pixels(const Rows& rows, Element* to) noexcept {
    constexpr auto size = static_cast<std::size_t>(S.in.channels);
    const Range some = own_pixels<plan.blocks.vectors>();
    const Range rest = own_pixels<std::max(plan.blocks.rest_vectors, 1)>();
    const std::size_t first = std::min(some.begin, rest.begin) * size;
    const std::size_t end = std::max(some.end, rest.end) * size;
    rows.copy(first, end - first, to + first);
    rows.pad(to + end, Dot::group);  // The last group may reach beyond.
  }

  /// `Count` channels of some rows of the result, in `Vectors` vectors.
  template <int Vectors, std::size_t Count, class Finish>
  [[gnu::noinline]] static void compute(const Lines& lines, const Weight* weights, std::size_t channel,
                                        const Number* starts, const Finish& finish) noexcept {
    using Sum = typename Dot::Sum;
    constexpr auto most = most_pixels<Vectors>;
    constexpr bool is_one_row = plan.height == 1 || crosses_rows<Vectors>();
    const Number* const start = has_starts<Dot> ? starts + channel : nullptr;
    if constexpr (is_one_row) {
      constexpr std::size_t width = plan.height * plan.width;
      const Range own = own_pieces<Vectors>();
      if (own.begin == own.end) return;
      sum_row<Dot, Vectors, Count, width, most>(
          own, 0, channel, finish,
          [&]<std::size_t Pixels>(std::integral_constant<std::size_t, Pixels>, std::size_t first, Sum(*to)[Vectors])
              __attribute__((always_inline)) {
                if constexpr (plan.height == 1) {
                  tile<static_cast<int>(Pixels)>(row_of(lines.rows, first), weights, start, to);
                } else {
                  WindowsAnywhere<Element, static_cast<int>(Pixels)> windows;
#pragma GCC unroll 32
                  for (std::size_t p = 0; p < Pixels; ++p) windows.of_pixels[p] = lines.window(first + p);
                  tile<static_cast<int>(Pixels)>(windows, weights, start, to);
                }
              });
    } else {
      const Range own = by_lines ? Range{0, lines.count} : own_part(lines.count);
      for (std::size_t line = own.begin; line < own.end; ++line) {
        const Element* const row = lines.rows + line * plan.stride * plan.row_size;
        sum_row<Dot, Vectors, Count, plan.width, most>(
            Range{0, cut(plan.width, most).all()}, (lines.begin + line) * plan.width, channel, finish,
            [&]<std::size_t Pixels>(std::integral_constant<std::size_t, Pixels>, std::size_t first, Sum(*to)[Vectors])
                __attribute__((always_inline)) {
                  tile<static_cast<int>(Pixels)>(row_of(row, first), weights, start, to);
                });
      }
    }
  }

  /// The windows of a row of the result from pixel `first` on, of which the first row seen begins at `row`.
  [[nodiscard, gnu::always_inline]] static WindowsOfRow<Element> row_of(const Element* row,
                                                                        std::size_t first) noexcept {
    return {row + first * plan.pixel_step, plan.pixel_step};
  }

  template <int Pixels, int Vectors, class Windows>
  [[gnu::always_inline]] static void tile(const Windows& windows, const Weight* weights, const Number* start,
                                          typename Dot::Sum (*to)[Vectors]) noexcept {
    Tile<Dot, Pixels, Vectors> sums;
    sums.begin(start);
    sums.multiply(plan.window, windows, weights);
    sums.store(to);
  }
};

}  // namespace attar::detail
