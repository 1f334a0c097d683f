// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <type_traits>

#include <attar/backend/embedded/tile.hpp>
#include <attar/backend/embedded/tiling.hpp>
#include <attar/core/aligned_buffer.hpp>

namespace attar::detail {

/// A convolution or linear layer as a product of matrices, all of whose loops the compiler knows. Rows of the image are
/// copied with what surrounds them, so that windows lie in memory as they are; then tiles of sums stay in registers
/// from the first product to the finished number.
template <ProductShape S, class Dot>
class TiledProduct {
 public:
  using Element = typename Dot::Element;
  using Weight = typename Dot::Weight;

  /// Bytes that `run` needs of its caller.
  static constexpr std::size_t scratchpad_bytes() noexcept {
    return (rows_seen(lines_at_once) * row_size + Dot::group) * sizeof(Element);
  }
  /// Outputs that a vector of constants per channel must have room for.
  static constexpr std::size_t padded_channels = static_cast<std::size_t>(S.out.channels) + Dot::lanes;

  /// `weight(output, input, tap)` is a weight; outputs are counted over all groups.
  template <class WeightOf>
  explicit TiledProduct(WeightOf&& weight) : packed_{static_cast<std::size_t>(S.groups) * group_weights} {
    Weight* to = packed_.data();
    for (std::size_t group = 0; group < static_cast<std::size_t>(S.groups); ++group) {
      for (std::size_t first = 0; first < S.outputs(); first += block_outputs) {
        to = pack(weight, group, first, std::min(block_outputs, S.outputs() - first), to);
      }
    }
  }

  /// Computes one image in a `scratchpad` of that size. `copy_row(y, to)` writes row y of the image, `padding` is the
  /// element that surrounds it. `start(channel)` points at what the sums of that channel and the ones behind it begin
  /// with, or is null; `finish(sums, pixel, channel, count)` takes an array of vectors, the sums of `count` channels of
  /// a pixel.
  template <class CopyRow, class Start, class Finish>
  void run(std::byte* scratchpad, Element padding, CopyRow&& copy_row, Start&& start, Finish&& finish) const noexcept {
    auto* const rows = reinterpret_cast<Element*>(scratchpad);
    for (std::size_t begin = 0; begin < height; begin += lines_at_once) {
      const std::size_t end = std::min(begin + lines_at_once, height);
      copy_rows(begin, rows_seen(end - begin), rows, padding, copy_row);
      const Weight* weights = packed_.data();
      for (std::size_t group = 0; group < static_cast<std::size_t>(S.groups); ++group) {
        const Element* const image = rows + group * S.inputs();
        const std::size_t channel = group * S.outputs();
        for (std::size_t block = 0; block < full_blocks; ++block, weights += block_weights(vectors)) {
          const std::size_t first = channel + block * block_outputs;
          lines<vectors, block_outputs>({begin, end, image}, weights, first, start(first), finish);
        }
        if constexpr (rest > 0) {
          const std::size_t first = channel + full_blocks * block_outputs;
          lines<rest_vectors, rest>({begin, end, image}, weights, first, start(first), finish);
          weights += block_weights(rest_vectors);
        }
      }
    }
  }

 private:
  static constexpr int vectors = best_vectors(S, Dot::limits);
  static constexpr auto height = static_cast<std::size_t>(S.out.height);
  static constexpr auto width = static_cast<std::size_t>(S.out.width);
  static constexpr auto in_channels = static_cast<std::size_t>(S.in.channels);
  static constexpr auto margin = static_cast<std::size_t>(S.window.padding.width) * in_channels;
  static constexpr auto row_data = static_cast<std::size_t>(S.in.width) * in_channels;
  static constexpr std::size_t row_size = row_data + 2 * margin;
  static constexpr auto stride = static_cast<std::size_t>(S.window.stride.height);
  static constexpr auto pixel_step = static_cast<std::size_t>(S.window.stride.width) * in_channels;

  static constexpr TileWindow window = [] {
    const Window& w = S.window;
    const auto columns = static_cast<std::size_t>(w.kernel.width);
    const auto step = static_cast<std::size_t>(w.dilation.width) * in_channels;
    const bool whole_rows = S.groups == 1 && w.dilation.width == 1;  // Neighbours in memory.
    return TileWindow{.rows = static_cast<std::size_t>(w.kernel.height),
                      .columns = whole_rows ? 1 : columns,
                      .part = whole_rows ? columns * S.inputs() : S.inputs(),
                      .row_step = static_cast<std::size_t>(w.dilation.height) * row_size,
                      .column_step = step};
  }();

  /// The rows of the image that `lines` rows of the result see.
  static constexpr std::size_t rows_seen(std::size_t lines) noexcept {
    const Window& w = S.window;
    return stride * (lines - 1) + static_cast<std::size_t>(w.dilation.height * (w.kernel.height - 1)) + 1;
  }
  /// So many that their rows stay in a cache.
  static constexpr std::size_t lines_at_once = [] {
    constexpr std::size_t cache = 65536;
    std::size_t lines = 1;
    while (lines < height && rows_seen(lines + 1) * row_size * sizeof(Element) <= cache) ++lines;
    const std::size_t chunks = (height + lines - 1) / lines;
    return (height + chunks - 1) / chunks;
  }();

  static constexpr std::size_t block_outputs = static_cast<std::size_t>(vectors) * Dot::lanes;
  static constexpr std::size_t full_blocks = S.outputs() / block_outputs;
  static constexpr std::size_t rest = S.outputs() % block_outputs;
  static constexpr int rest_vectors = static_cast<int>((rest + Dot::lanes - 1) / Dot::lanes);
  static constexpr std::size_t block_weights(int count) noexcept {
    return window.rows * window.columns * window.groups(Dot::group) * Dot::group * static_cast<std::size_t>(count) *
           Dot::lanes;
  }
  static constexpr std::size_t group_weights = full_blocks * block_weights(vectors) + block_weights(rest_vectors);

  /// Zeros where a group or a vector is not full.
  template <class WeightOf>
  static Weight* pack(WeightOf& weight, std::size_t group, std::size_t first, std::size_t count, Weight* to) {
    const std::size_t filled = (count + Dot::lanes - 1) / Dot::lanes;
    for (std::size_t part = 0; part < window.rows * window.columns; ++part) {
      for (std::size_t i = 0; i < window.groups(Dot::group); ++i) {
        for (std::size_t v = 0; v < filled; ++v, to += Dot::group * Dot::lanes) {
          for (std::size_t lane = 0; lane < std::min(count - v * Dot::lanes, std::size_t{Dot::lanes}); ++lane) {
            for (std::size_t k = 0; k < std::min(window.part - i * Dot::group, std::size_t{Dot::group}); ++k) {
              const std::size_t number = part * window.part + i * Dot::group + k;  // Of the window, (tap, input).
              to[Dot::place(lane, k)] =
                  weight(group * S.outputs() + first + v * Dot::lanes + lane, number % S.inputs(), number / S.inputs());
            }
          }
        }
      }
    }
    return to;
  }

  template <class CopyRow>
  static void copy_rows(std::size_t line, std::size_t count, Element* to, Element padding, CopyRow& copy_row) noexcept {
    const auto top = static_cast<std::ptrdiff_t>(line * stride) - S.window.padding.height;
    for (std::size_t row = 0; row < count; ++row, to += row_size) {
      const std::ptrdiff_t y = top + static_cast<std::ptrdiff_t>(row);
      if (y < 0 || y >= S.in.height) {
        std::fill_n(to, row_size, padding);
        continue;
      }
      std::fill_n(to, margin, padding);
      copy_row(static_cast<std::size_t>(y), to + margin);
      std::fill_n(to + margin + row_data, margin, padding);
    }
    std::fill_n(to, Dot::group, padding);  // The last group may reach beyond.
  }

  /// Rows `begin` to `end` of the result; `rows` are those of the image from the first that these see.
  struct Lines {
    std::size_t begin, end;
    const Element* rows;

    /// Where the window of a pixel begins; pixels are counted from the first of these rows.
    [[nodiscard]] const Element* window(std::size_t pixel) const noexcept {
      return rows + pixel / width * stride * row_size + pixel % width * pixel_step;
    }
  };

  /// `Count` channels of some rows of the result, in `Vectors` vectors.
  template <int Vectors, std::size_t Count, class Number, class Finish>
  [[gnu::always_inline]] static void lines(const Lines& some, const Weight* weights, std::size_t channel,
                                           const Number* start, Finish& finish) noexcept {
    constexpr auto most = static_cast<std::size_t>(Dot::limits.sums / Vectors);
    // Where rows are short and a sum waits for the one before, a tile goes on in the next row.
    constexpr bool across_rows = Dot::limits.latency > 1 && lines_at_once == height && width < 2 * most &&
                                 width % most != 0 && height * width > most;
    const auto tile_of_row = [&]<int Pixels>(std::integral_constant<int, Pixels>, std::size_t pixel) {
      const Element* const first = some.window(pixel);
      tile<Pixels, Vectors, Count>([first](std::size_t p) { return first + p * pixel_step; }, weights,
                                   some.begin * width + pixel, channel, start, finish);
    };
    if constexpr (across_rows) {
      const auto tile_anywhere = [&]<int Pixels>(std::integral_constant<int, Pixels>, std::size_t pixel) {
        std::array<const Element*, Pixels> windows;
        for_each_index<Pixels>([&](auto p) { windows[p] = some.window(pixel + p); });
        tile<Pixels, Vectors, Count>([&windows](std::size_t p) { return windows[p]; }, weights, pixel, channel, start,
                                     finish);
      };
      for_pieces<height * width, most>(0, tile_anywhere);
    } else {
      for (std::size_t line = 0; line < some.end - some.begin; ++line) {
        for_pieces<width, most>(line * width, tile_of_row);
      }
    }
  }

  template <int Pixels, int Vectors, std::size_t Count, class PixelAt, class Number, class Finish>
  [[gnu::always_inline]] static void tile(PixelAt&& at, const Weight* weights, std::size_t pixel, std::size_t channel,
                                          const Number* start, Finish& finish) noexcept {
    const auto sums = sum_tile<Dot, Pixels, Vectors>(start, [&](auto& registers) __attribute__((always_inline)) {
      multiply_tile<Dot, Pixels, Vectors, window>(at, weights, registers);
    });
    // By way of memory: the code is a sixth, and as fast.
    TileSums<Dot, Pixels, Vectors> kept;
    for_each_index<Pixels>([&](auto p) { for_each_index<Vectors>([&](auto v) { kept[p][v] = sums[p][v]; }); });
    for (std::size_t p = 0; p < std::size_t{Pixels}; ++p) {
      finish(kept[p], pixel + p, channel, std::integral_constant<std::size_t, Count>{});
    }
  }

  AlignedBuffer<Weight> packed_;
};

}  // namespace attar::detail
