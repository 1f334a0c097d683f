// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <type_traits>

#include <attar/backend/embedded/copied_rows.hpp>
#include <attar/backend/embedded/output_blocks.hpp>
#include <attar/backend/embedded/tile.hpp>
#include <attar/backend/embedded/tiling.hpp>
#include <attar/backend/embedded/winograd_plan.hpp>
#include <attar/backend/kernels/vector.hpp>
#include <attar/core/parallel.hpp>

namespace attar::detail {

/// Transforms lines of vectors: line `i` of `count` vectors begins at `from + i * from_step`, and so do the results.
template <class Plan>
[[gnu::always_inline]] inline void transform_lines(const typename Plan::Element* from, std::size_t from_step,
                                                   typename Plan::Element* to, std::size_t to_step,
                                                   std::size_t size) noexcept {
  using Vector = typename VectorOf<typename Plan::Element, static_cast<int>(Plan::lanes)>::Type;
  constexpr std::size_t points = Plan::line_points;
  for (std::size_t i = 0; i < size; i += Plan::lanes) {
    Vector line[points];
    Vector result[points];
#pragma GCC unroll 8
    for (std::size_t k = 0; k < points; ++k) std::memcpy(&line[k], from + k * from_step + i, sizeof(Vector));
    Plan::Transform::image(line, result);
#pragma GCC unroll 8
    for (std::size_t k = 0; k < points; ++k) std::memcpy(to + k * to_step + i, &result[k], sizeof(Vector));
  }
}

/// Transforms a row of squares, whose first copied row is at `copied`: all columns at once (neighbours share two of
/// them) to `lines`, then the rows of each square.
template <class Plan>
[[gnu::noinline]] void transform_squares(const Plan& plan, const typename Plan::Element* copied,
                                         typename Plan::Element* lines, typename Plan::Element* to) noexcept {
  const std::size_t line_step = plan.line_step();
  transform_lines<Plan>(copied, plan.row_size, lines, line_step, plan.row_size);
  for (std::size_t square = 0; square < plan.columns; ++square) {
    const auto* from = lines + square * Plan::outputs * plan.inputs;
    for (std::size_t i = 0; i < Plan::line_points; ++i) {
      transform_lines<Plan>(from, plan.inputs, to, plan.point_size, plan.point_size);
      from += line_step;
      to += Plan::line_points * plan.point_size;
    }
  }
}

/// The results of `count` squares side by side from the sums of their points, in rows that are `row_step` pixels apart.
/// There are sums of some parts of the channels, `part_step` apart.
template <class Plan, class Sum, std::size_t Vectors>
[[gnu::noinline]] void transform_sums(const Plan& plan, const Sum (*sums)[Vectors], std::size_t part_step,
                                      std::size_t count, std::size_t row_step, Sum (*to)[Vectors]) noexcept {
  using Transform = typename Plan::Transform;
  using Word = Bits<sizeof(Sum) / sizeof(std::uint32_t)>;
  const auto transform = [row_step](const Sum(*from)[Vectors], std::size_t v, Sum(*result)[Vectors],
                                    auto put) __attribute__((always_inline)) {
    Word all[Plan::line_points][Plan::line_points];
#pragma GCC unroll 64
    for (std::size_t i = 0; i < Plan::points; ++i) {
      all[i / Plan::line_points][i % Plan::line_points] = reinterpret_cast<Word>(from[i][v]);
    }
    Word results[Plan::outputs][Plan::outputs];
    in_both_directions(all, results, [](const auto& line, auto& to_line) __attribute__((always_inline)) {
      Transform::results(line, to_line);
    });
#pragma GCC unroll 8
    for (std::size_t y = 0; y < Plan::outputs; ++y) {
#pragma GCC unroll 8
      for (std::size_t x = 0; x < Plan::outputs; ++x) {
        const int power = Transform::powers[y] + Transform::powers[x];
        put(result[y * row_step + x][v], exact_quotient<Transform::odd>(results[y][x], power, Sum{}));
      }
    }
  };
  for (std::size_t square = 0; square < count; ++square, sums += Plan::points, to += Plan::outputs) {
    for (std::size_t v = 0; v < Vectors; ++v) {
      transform(sums, v, to, [](Sum& at, const Sum& part) __attribute__((always_inline)) { at = part; });
      for (std::size_t part = 1; part < plan.parts; ++part) {
        transform(sums + part * part_step, v, to,
                  [](Sum& at, const Sum& more) __attribute__((always_inline)) { at += more; });
      }
    }
  }
}

/// A convolution of shape `S` by Winograd's algorithm, all of whose loops the compiler knows.
template <ProductShape S, class Dot, int Outputs>
class WinogradProduct {
 public:
  using Element = typename Dot::Element;
  using Weight = typename Dot::Weight;
  using Plan = WinogradPlan<Dot, Outputs>;
  static constexpr Plan plan{S};

  /// As that of `TiledProduct`; sums begin with zeros. The threads of a team divide the rows of squares and, where
  /// these are few, the blocks of outputs: then more than one transforms the same squares.
  template <class Rows, class Finish>
  static void run(const Weight* weights, const SumNumber<Dot>*, const Rows& rows, std::byte* scratchpad,
                  const Finish& finish) noexcept {
    constexpr std::size_t blocks = plan.blocks.count();
    const Range own = own_part(plan.rows / plan.rows_at_once * blocks);
    for (std::size_t begin = own.begin; begin < own.end;) {
      const std::size_t first = begin % blocks;
      const std::size_t count = std::min(blocks - first, own.end - begin);
      const std::size_t row = begin / blocks * plan.rows_at_once;
      transform(row, rows, scratchpad);
      for_blocks<plan.blocks>({first, first + count}, [&]<int Vectors, std::size_t Channels>(std::size_t block) {
        compute<Vectors, Channels>(row, weights + block * plan.block_weights(plan.blocks.vectors),
                                   block * plan.blocks.outputs, scratchpad, finish);
      });
      begin += count;
    }
  }

 private:
  static constexpr std::size_t square_step = Plan::points * plan.point_size;
  static constexpr std::size_t row_of_squares = plan.columns * square_step;

  /// Copies and transforms what some rows of squares from `row` on see.
  template <class Rows>
  static void transform(std::size_t row, const Rows& rows, std::byte* scratchpad) noexcept {
    auto* const copied = reinterpret_cast<Element*>(scratchpad);
    auto* const lines = reinterpret_cast<Element*>(scratchpad + plan.lines_at());
    auto* const squares = reinterpret_cast<Element*>(scratchpad + plan.squares_at());
    copy_rows(plan, row * Plan::outputs, plan.rows_at_once * Plan::outputs, rows, copied);
    for (std::size_t i = 0; i < plan.rows_at_once; ++i) {
      transform_squares(plan, copied + i * Plan::outputs * plan.row_size, lines, squares + i * row_of_squares);
    }
  }

  /// `Count` channels of some rows of squares from `row` on, in `Vectors` vectors.
  template <int Vectors, std::size_t Count, class Finish>
  [[gnu::noinline]] static void compute(std::size_t row, const Weight* weights, std::size_t channel,
                                        std::byte* scratchpad, const Finish& finish) noexcept {
    using Sum = typename Dot::Sum;
    auto* sums = reinterpret_cast<Sum(*)[Vectors]>(scratchpad + plan.sums_at());
    constexpr std::size_t part_step = plan.squares() * Plan::points;
    const auto* squares = reinterpret_cast<const Element*>(scratchpad + plan.squares_at());
    for (std::size_t part = 0; part < plan.parts; ++part, squares += plan.part_inputs) {
      multiply<Vectors>(part, squares, weights, sums + part * part_step);
      weights += Plan::points * plan.point_weights(part, Vectors);
    }
    constexpr std::size_t together = std::min(plan.columns, 32 / Plan::outputs);
    constexpr std::size_t row_step = together * Plan::outputs;
    Sum results[Plan::outputs * row_step][Vectors];
    for (std::size_t line = row * Plan::outputs; line < (row + plan.rows_at_once) * Plan::outputs;
         line += Plan::outputs) {
      for (std::size_t first = 0; first < plan.columns; first += together) {
        const std::size_t count = std::min(together, plan.columns - first);
        transform_sums(plan, sums, part_step, count, row_step, results);
        sums += count * Plan::points;
        const std::size_t x = first * Plan::outputs;
        const std::size_t pixels = std::min(count * Plan::outputs, plan.width - x);
        for (std::size_t y = line; y < std::min(line + Plan::outputs, plan.height); ++y) {
          finish.template put<Count>(results + (y - line) * row_step, pixels, y * plan.width + x, channel);
        }
      }
    }
  }

  /// The sums of all points of the transformed squares over a part of the channels, square by square.
  template <int Vectors>
  [[gnu::always_inline]] static void multiply(std::size_t part, const Element* squares, const Weight* weights,
                                              typename Dot::Sum (*sums)[Vectors]) noexcept {
    constexpr auto most = static_cast<std::size_t>(Dot::limits.sums / Vectors);
    const TileWindow window{.rows = 1, .columns = 1, .part = plan.inputs_of(part), .row_step = 0, .column_step = 0};
    for (std::size_t point = 0; point < Plan::points; ++point) {
      for_pieces<plan.squares(), most>([&]<std::size_t Size>(std::integral_constant<std::size_t, Size>,
                                                             std::size_t first) __attribute__((always_inline)) {
        Tile<Dot, static_cast<int>(Size), Vectors> tile;
        tile.begin(nullptr);
        tile.multiply(window, WindowsOfRow<Element>{squares + first * square_step, square_step}, weights);
        tile.store(sums + first * Plan::points, Plan::points);
      });
      squares += plan.point_size;
      weights += plan.point_weights(part, Vectors);
      ++sums;
    }
  }
};

}  // namespace attar::detail
