// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include <attar/backend/embedded/output_blocks.hpp>
#include <attar/backend/embedded/tile.hpp>
#include <attar/backend/embedded/tiling.hpp>

namespace attar::detail {

/// How a convolution or linear layer is computed as a product of matrices, and where its numbers lie: rows of the image
/// are copied with what surrounds them, so that windows lie in memory as they are; weights are packed as tiles take
/// them. Kernels have it as a constant, what is done once has it as a value.
template <class D>
struct ProductPlan {
  using Dot = D;
  using Element = typename Dot::Element;
  using Weight = typename Dot::Weight;

  ProductShape shape;
  OutputBlocks blocks;  ///< Of a group.
  std::size_t height, width;
  std::size_t margin, row_data, row_size;  ///< Elements of a copied row: beside the image, of the image, of both.
  std::size_t stride, pixel_step;  ///< From one row to the next, in rows; from a pixel to the next, in elements.
  TileWindow window;
  std::size_t lines_at_once;  ///< So many that the rows that they see stay in a cache.

  constexpr explicit ProductPlan(const ProductShape& s)
      : shape{s},
        blocks{in_blocks(s.outputs(), best_vectors(s, Dot::limits), Dot::lanes)},
        height{static_cast<std::size_t>(s.out.height)},
        width{static_cast<std::size_t>(s.out.width)},
        margin{static_cast<std::size_t>(s.window.padding.width * s.in.channels)},
        row_data{static_cast<std::size_t>(s.in.width * s.in.channels)},
        row_size{row_data + 2 * margin},
        stride{static_cast<std::size_t>(s.window.stride.height)},
        pixel_step{static_cast<std::size_t>(s.window.stride.width * s.in.channels)},
        window{window_of(s, row_size)},
        lines_at_once{1} {
    constexpr std::size_t cache = 65536;
    std::size_t lines = 1;
    while (lines < height && rows_seen(lines + 1) * row_size * sizeof(Element) <= cache) ++lines;
    const std::size_t chunks = (height + lines - 1) / lines;
    lines_at_once = (height + chunks - 1) / chunks;
  }

  /// The rows of the image that `lines` rows of the result see.
  [[nodiscard]] constexpr std::size_t rows_seen(std::size_t lines) const noexcept {
    const Window& w = shape.window;
    return stride * (lines - 1) + static_cast<std::size_t>(w.dilation.height * (w.kernel.height - 1)) + 1;
  }
  /// Weights of a block of outputs in `count` vectors, of a group, and of all groups.
  [[nodiscard]] constexpr std::size_t block_weights(int count) const noexcept {
    return window.rows * window.columns * window.groups(Dot::group) * Dot::group * static_cast<std::size_t>(count) *
           Dot::lanes;
  }
  [[nodiscard]] constexpr std::size_t group_weights() const noexcept {
    return blocks.sum([this](int count) { return block_weights(count); });
  }
  [[nodiscard]] constexpr std::size_t packed_weights() const noexcept {
    return static_cast<std::size_t>(shape.groups) * group_weights();
  }
  /// Bytes that a product needs of its caller.
  [[nodiscard]] constexpr std::size_t scratchpad_bytes() const noexcept {
    return (rows_seen(lines_at_once) * row_size + Dot::group) * sizeof(Element);
  }

  /// Packs weights that are in PyTorch's order, to zeros: they stay where a group or a vector is not full.
  template <class Number>
  void pack(std::span<const Number> weights, Weight* to) const {
    for (std::size_t group = 0; group < static_cast<std::size_t>(shape.groups); ++group) {
      for (std::size_t block = 0; block < blocks.count(); ++block) {
        const std::size_t first = group * shape.outputs() + block * blocks.outputs;
        pack_block(weights.data() + first * filter_size(), blocks.outputs_of(block), to);
        to += block_weights(blocks.vectors_of(block));
      }
    }
  }

 private:
  static constexpr TileWindow window_of(const ProductShape& s, std::size_t row_size) {
    const Window& w = s.window;
    const auto columns = static_cast<std::size_t>(w.kernel.width);
    const bool whole_rows = s.groups == 1 && w.dilation.width == 1;  // Neighbours in memory.
    return {.rows = static_cast<std::size_t>(w.kernel.height),
            .columns = whole_rows ? 1 : columns,
            .part = whole_rows ? columns * s.inputs() : s.inputs(),
            .row_step = static_cast<std::size_t>(w.dilation.height) * row_size,
            .column_step = static_cast<std::size_t>(w.dilation.width * s.in.channels)};
  }
  [[nodiscard]] std::size_t filter_size() const noexcept { return window.rows * window.columns * window.part; }

  /// The weights of `count` outputs, for each of which PyTorch keeps (input, tap).
  template <class Number>
  void pack_block(const Number* from, std::size_t count, Weight* to) const {
    const std::size_t filter = filter_size();
    const std::size_t inputs = shape.inputs();
    std::size_t number = 0;  // Of the window, (tap, input).
    for (std::size_t part = 0; part < window.rows * window.columns; ++part) {
      for (std::size_t i = 0; i < window.groups(Dot::group); ++i) {
        for (std::size_t k = 0; k < std::min(window.part - i * Dot::group, std::size_t{Dot::group}); ++k, ++number) {
          const Number* const of_outputs = from + number % inputs * (filter / inputs) + number / inputs;
          for (std::size_t output = 0; output < count; ++output) {
            const std::size_t vector = output / Dot::lanes * Dot::group * Dot::lanes;
            to[vector + Dot::place(output % Dot::lanes, k)] = static_cast<Weight>(of_outputs[output * filter]);
          }
        }
        to += (count + Dot::lanes - 1) / Dot::lanes * Dot::group * Dot::lanes;
      }
    }
  }
};

}  // namespace attar::detail
