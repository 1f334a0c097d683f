// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include <attar/backend/embedded/tile.hpp>
#include <attar/backend/embedded/tiling.hpp>
#include <attar/backend/kernels/int8_vector.hpp>
#include <attar/backend/kernels/vector.hpp>
#include <attar/core/aligned_buffer.hpp>

namespace attar::detail {

/// A depthwise convolution whose loops the compiler knows. Rows of the image are copied with what surrounds them, each
/// number together with those of the pixels behind it that the same instruction takes.
template <ProductShape S, class Dot>
class TiledDepthwise {
 public:
  using Element = typename Dot::Element;
  using Weight = typename Dot::Weight;

  static constexpr std::size_t scratchpad_bytes() noexcept {
    return (rows_seen(lines_at_once) * row_size + plain_size) * sizeof(Element);
  }
  static constexpr std::size_t padded_channels = static_cast<std::size_t>(S.out.channels) + Dot::lanes;

  /// `weight(channel, 0, tap)` is a weight.
  template <class WeightOf>
  explicit TiledDepthwise(WeightOf&& weight) : packed_{taps * size * (channels + Dot::lanes)} {
    for (std::size_t tap = 0; tap < taps; ++tap) {
      for (std::size_t c = 0; c < channels; ++c) {
        for (std::size_t k = 0; k < size; ++k) {
          const std::size_t column = tap % groups * size + k;
          if (column >= kernel_width) continue;
          packed_[(tap * channels + c) * size + k] = weight(c, 0, tap / groups * kernel_width + column);
        }
      }
    }
  }

  /// As that of `TiledProduct`.
  template <class CopyRow, class Start, class Finish>
  void run(Element* rows, Element padding, CopyRow&& copy_row, Start&& start, Finish&& finish) const noexcept {
    Element* const plain = rows + rows_seen(lines_at_once) * row_size;
    for (std::size_t begin = 0; begin < height; begin += lines_at_once) {
      const std::size_t end = std::min(begin + lines_at_once, height);
      copy_rows(begin, rows_seen(end - begin), rows, plain, padding, copy_row);
      for (std::size_t line = begin; line < end; ++line) {
        const Element* const row = rows + (line - begin) * stride * row_size;
        for (std::size_t piece = 0; piece < pieces; ++piece) {
          const auto first =
              static_cast<std::size_t>(piece_begin(static_cast<int>(width), most_pixels, static_cast<int>(piece)));
          const auto next =
              static_cast<std::size_t>(piece_begin(static_cast<int>(width), most_pixels, static_cast<int>(piece) + 1));
          const Element* const at = row + first * pixel_step;
          if (next - first == std::size_t{long_piece}) {
            pixels<long_piece>(at, line * width + first, start, finish);
          } else if constexpr (long_piece > 1) {
            pixels<long_piece - 1>(at, line * width + first, start, finish);
          }
        }
      }
    }
  }

 private:
  static constexpr std::size_t size = Dot::group;
  static constexpr auto height = static_cast<std::size_t>(S.out.height);
  static constexpr auto width = static_cast<std::size_t>(S.out.width);
  static constexpr auto channels = static_cast<std::size_t>(S.in.channels);
  static constexpr auto kernel_width = static_cast<std::size_t>(S.window.kernel.width);
  static constexpr auto kernel_height = static_cast<std::size_t>(S.window.kernel.height);
  static constexpr auto stride = static_cast<std::size_t>(S.window.stride.height);
  static constexpr auto row_dilation = static_cast<std::size_t>(S.window.dilation.height);
  /// Taps of a row that one instruction takes are neighbours; dilated ones are not.
  static constexpr auto column_dilation = static_cast<std::size_t>(S.window.dilation.width);
  static constexpr std::size_t groups = (kernel_width + size - 1) / size;
  static constexpr std::size_t taps = kernel_height * groups;
  static constexpr auto margin = static_cast<std::size_t>(S.window.padding.width);
  static constexpr std::size_t row_pixels = static_cast<std::size_t>(S.in.width) + 2 * margin;
  static constexpr std::size_t row_data = static_cast<std::size_t>(S.in.width) * channels;
  /// A row as it is, with the padding around it and what the last group sees behind that. Loads of vectors reach a
  /// little farther.
  static constexpr std::size_t plain_size =
      row_pixels * channels + (size - 1) * column_dilation * channels + Dot::lanes;
  static constexpr std::size_t row_size = row_pixels * channels * size;
  static constexpr std::size_t pixel_step = static_cast<std::size_t>(S.window.stride.width) * channels * size;

  static constexpr int most_pixels = std::min(static_cast<int>(width), Tiling::registers / 2);
  static constexpr std::size_t pieces = (width + most_pixels - 1) / most_pixels;
  static constexpr int long_piece = static_cast<int>((width + pieces - 1) / pieces);

  static constexpr std::size_t rows_seen(std::size_t lines) noexcept {
    return stride * (lines - 1) + row_dilation * (kernel_height - 1) + 1;
  }
  static constexpr std::size_t lines_at_once = [] {
    constexpr std::size_t cache = 24576;
    std::size_t lines = 1;
    while (lines < height && rows_seen(lines + 1) * row_size * sizeof(Element) <= cache) ++lines;
    return lines;
  }();

  template <class CopyRow>
  static void copy_rows(std::size_t line, std::size_t count, Element* to, Element* plain, Element padding,
                        CopyRow& copy_row) noexcept {
    const auto top = static_cast<std::ptrdiff_t>(line * stride) - S.window.padding.height;
    if constexpr (size > 1) std::fill_n(plain, plain_size, padding);
    for (std::size_t row = 0; row < count; ++row, to += row_size) {
      const std::ptrdiff_t y = top + static_cast<std::ptrdiff_t>(row);
      if (y < 0 || y >= S.in.height) {
        std::fill_n(to, row_size, padding);
      } else if constexpr (size == 1) {
        std::fill_n(to, margin * channels, padding);
        copy_row(static_cast<std::size_t>(y), to + margin * channels);
        std::fill_n(to + margin * channels + row_data, margin * channels, padding);
      } else {
        copy_row(static_cast<std::size_t>(y), plain + margin * channels);
        group(plain, to);
      }
    }
  }

  /// Puts each number of a row together with those of the pixels behind it.
  static void group(const Element* plain, Element* to) noexcept {
    constexpr int bits = 32 / static_cast<int>(size);
    constexpr std::int32_t mask = (1 << bits) - 1;
    for_lanes(0, row_pixels * channels, [&]<int L>(std::size_t i, Lanes<L> lanes) {
      Ints<L> all{};
      for_each_index<int{size}>([&](auto k) {
        const Ints<L> numbers = load_integers(plain + i + k * column_dilation * channels, lanes);
        all |= (numbers & mask) << (bits * static_cast<int>(k));
      });
      std::memcpy(to + i * size, &all, sizeof(all));
    });
  }

  template <int Pixels, class Start, class Finish>
  void pixels(const Element* image, std::size_t pixel, Start& start, Finish& finish) const noexcept {
    constexpr std::size_t two = 2 * std::size_t{Dot::lanes};
    constexpr std::size_t full = channels / two * two;
    for (std::size_t c = 0; c < full; c += two) block<Pixels, 2, two>(image, pixel, c, start, finish);
    if constexpr (full < channels) {
      constexpr int vectors = channels - full > Dot::lanes ? 2 : 1;
      block<Pixels, vectors, channels - full>(image, pixel, full, start, finish);
    }
  }

  template <int Pixels, int Vectors, std::size_t Count, class Start, class Finish>
  void block(const Element* image, std::size_t pixel, std::size_t channel, Start& start,
             Finish& finish) const noexcept {
    const auto sums =
        sum_tile<Dot, Pixels, Vectors>(start(channel), [&](auto& registers) __attribute__((always_inline)) {
          for (std::size_t y = 0; y < kernel_height; ++y) {
            for (std::size_t g = 0; g < groups; ++g) {
              const Weight* const weights = packed_.data() + ((y * groups + g) * channels + channel) * size;
              const Element* const at =
                  image + y * row_dilation * row_size + (g * size * column_dilation * channels + channel) * size;
              for_each_index<Vectors>([&](auto v) {
                const auto right = load_factor<Dot>(weights + v * size * Dot::lanes);
                for_each_index<Pixels>([&](auto p) {
                  const auto left = load_factor<Dot>(at + p * pixel_step + v * size * Dot::lanes);
                  registers[p][v] = Dot::add(registers[p][v], left, right);
                });
              });
            }
          }
        });
    for (std::size_t p = 0; p < std::size_t{Pixels}; ++p) {
      finish(sums[p], pixel + p, channel, std::integral_constant<std::size_t, Count>{});
    }
  }

  AlignedBuffer<Weight> packed_;
};

/// Whether each channel of the result is made of one channel of the image.
[[nodiscard]] constexpr bool is_depthwise(const ProductShape& shape) {
  return shape.groups > 1 && shape.groups == shape.in.channels && shape.groups == shape.out.channels;
}

}  // namespace attar::detail
