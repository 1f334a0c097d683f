// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include <attar/backend/embedded/output_blocks.hpp>
#include <attar/backend/embedded/tiling.hpp>
#include <attar/backend/embedded/winograd_transform.hpp>
#include <attar/core/shape.hpp>

namespace attar::detail {

/// How a convolution of 3 x 3 is computed by Winograd's algorithm, and where its numbers lie. The result is cut into
/// squares of `Outputs` x `Outputs` pixels; each point of the transformed squares is a product of matrices of its own.
/// Some rows of squares are done at once: the rows of the image that they see are copied with what surrounds them,
/// transformed line by line, multiplied point by point, and transformed back.
template <class D, int Outputs>
struct WinogradPlan {
  using Dot = D;
  using Transform = WinogradTransform<Outputs>;
  using Element = typename Dot::Element;
  using Weight = typename Dot::Weight;
  static constexpr std::size_t group = Dot::group;
  static constexpr std::size_t outputs = Transform::outputs;
  static constexpr std::size_t line_points = Transform::points;
  static constexpr std::size_t points = line_points * line_points;
  static constexpr std::size_t stride = 1;
  /// Numbers of the image in a vector.
  static constexpr std::size_t lanes = sizeof(typename Dot::Factor) / sizeof(Element);

  ProductShape shape;
  OutputBlocks blocks;
  std::size_t height, width;
  std::size_t rows, columns;  ///< Of squares.
  std::size_t rows_at_once;
  std::size_t margin, row_data, row_size;  ///< Elements of a copied row: beside the image, of the image, of all.
  std::size_t inputs, point_size;          ///< Channels of the image, and with what fills the last vector.
  std::size_t part_inputs, parts;          ///< So many channels that their sums are exact, and how often.

  constexpr explicit WinogradPlan(const ProductShape& s)
      : shape{s},
        blocks{in_blocks(s.outputs(), std::min(Dot::limits.most_vectors, all_vectors(s, Dot::limits)), Dot::lanes)},
        height{static_cast<std::size_t>(s.out.height)},
        width{static_cast<std::size_t>(s.out.width)},
        rows{(height + outputs - 1) / outputs},
        columns{(width + outputs - 1) / outputs},
        rows_at_once{1},
        margin{static_cast<std::size_t>(s.window.padding.width * s.in.channels)},
        row_data{static_cast<std::size_t>(s.in.width * s.in.channels)},
        row_size{(columns * outputs + 2) * s.inputs()},
        inputs{s.inputs()},
        point_size{whole(inputs, lanes)},
        part_inputs{inputs},
        parts{(inputs + exact_inputs - 1) / exact_inputs} {
    part_inputs = whole((inputs + parts - 1) / parts, group);
    constexpr std::size_t cache = 65536;
    for (std::size_t count = 2; count <= rows; ++count) {
      if (rows % count == 0 && count * columns * square_bytes() <= cache) rows_at_once = count;
    }
  }

  /// Whether a shape is one that this algorithm computes.
  [[nodiscard]] static constexpr bool computes(const ProductShape& s) {
    const Window& w = s.window;
    return sizeof(Element) == 2 && s.groups == 1 && w.kernel == Extent{3, 3} && w.stride == Extent{1, 1} &&
           w.dilation == Extent{1, 1};
  }

  /// Squares that are multiplied at once.
  [[nodiscard]] constexpr std::size_t squares() const noexcept { return rows_at_once * columns; }
  /// The rows of the image that `lines` rows of the result see.
  [[nodiscard]] constexpr std::size_t rows_seen(std::size_t lines) const noexcept { return lines + 2; }
  /// Channels of the image in a part.
  [[nodiscard]] constexpr std::size_t inputs_of(std::size_t part) const noexcept {
    return std::min(part_inputs, inputs - part * part_inputs);
  }
  /// Weights of one point of a part, for a block of outputs in `count` vectors; of a block; and of all blocks.
  [[nodiscard]] constexpr std::size_t point_weights(std::size_t part, int count) const noexcept {
    return whole(inputs_of(part), group) * static_cast<std::size_t>(count) * Dot::lanes;
  }
  [[nodiscard]] constexpr std::size_t block_weights(int count) const noexcept {
    return points * whole(inputs, group) * static_cast<std::size_t>(count) * Dot::lanes;
  }
  [[nodiscard]] constexpr std::size_t packed_weights() const noexcept {
    return blocks.sum([this](int count) { return block_weights(count); });
  }

  /// Where in the scratchpad, in bytes, the parts begin: first the copied rows, then one row of squares of them of
  /// which all columns are transformed, then the transformed squares, then the sums of a block of outputs,
  /// part by part.
  [[nodiscard]] constexpr std::size_t lines_at() const noexcept {
    return aligned(rows_seen(rows_at_once * outputs) * row_size + lanes);
  }
  [[nodiscard]] constexpr std::size_t squares_at() const noexcept {
    return lines_at() + aligned(line_points * line_step() + lanes);
  }
  [[nodiscard]] constexpr std::size_t sums_at() const noexcept {
    return squares_at() + aligned(squares() * points * point_size);
  }
  [[nodiscard]] constexpr std::size_t scratchpad_bytes() const noexcept {
    return sums_at() + parts * squares() * points * blocks.outputs * sizeof(std::int32_t);
  }
  /// From one transformed line to the next: vectors are written whole.
  [[nodiscard]] constexpr std::size_t line_step() const noexcept { return whole(row_size, lanes); }

  /// Packs weights that are in PyTorch's order, to zeros: they stay where a group or a vector is not full.
  template <class Number>
  void pack(std::span<const Number> weights, Weight* to) const {
    for (std::size_t block = 0; block < blocks.count(); ++block) {
      const std::size_t first = block * blocks.outputs;
      const int used = blocks.vectors_of(block);
      for (std::size_t output = 0; output < blocks.outputs_of(block); ++output) {
        for (std::size_t input = 0; input < inputs; ++input) {
          const std::size_t part = input / part_inputs;
          const std::size_t vector = input % part_inputs / group * static_cast<std::size_t>(used) + output / Dot::lanes;
          pack_filter(weights.data() + ((first + output) * inputs + input) * 9, point_weights(part, used),
                      to + part * points * point_weights(0, used) + vector * group * Dot::lanes +
                          Dot::place(output % Dot::lanes, input % group));
        }
      }
      to += block_weights(used);
    }
  }

 private:
  /// Channels whose sums of products of extreme bytes and weights can be divided (see `exact_quotient`), in groups.
  static constexpr std::size_t exact_inputs = [] {
    constexpr int power = 2 * std::max(Transform::powers[0], Transform::powers[outputs - 1]);
    return ((std::size_t{1} << (31 - power)) - 1) / (9 * 127 * 255) / group * group;
  }();

  [[nodiscard]] static constexpr std::size_t whole(std::size_t size, std::size_t part) noexcept {
    return (size + part - 1) / part * part;
  }
  [[nodiscard]] static constexpr std::size_t aligned(std::size_t elements) noexcept {
    return whole(elements * sizeof(Element), 64);
  }
  [[nodiscard]] constexpr std::size_t square_bytes() const noexcept {
    return points * (point_size * sizeof(Element) + parts * blocks.outputs * sizeof(std::int32_t));
  }

  /// The points of one filter, `step` apart.
  template <class Number>
  static void pack_filter(const Number* from, std::size_t step, Weight* to) {
    int half[line_points][3];
    for (std::size_t column = 0; column < 3; ++column) {
      const int line[3] = {from[column], from[3 + column], from[6 + column]};
      int result[line_points];
      Transform::weights(line, result);
      for (std::size_t i = 0; i < line_points; ++i) half[i][column] = result[i];
    }
    for (const auto& line : half) {
      int result[line_points];
      Transform::weights(line, result);
      for (const int number : result) {
        *to = static_cast<Weight>(number);
        to += step;
      }
    }
  }
};

}  // namespace attar::detail
