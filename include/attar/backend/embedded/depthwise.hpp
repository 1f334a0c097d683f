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

/// Sixteen numbers of each of `Count` vectors, `step` apart, in turns: a0 b0 a1 b1 ...
template <std::size_t Count, class Element>
[[gnu::always_inline]] inline void interleave(const Element* from, std::size_t step, Element* to) noexcept {
  using Vector = Bytes<Element, 16>;
  constexpr Lanes<16> lanes{};
  const auto put = [&](std::size_t place, Vector vector) { std::memcpy(to + place * 16, &vector, sizeof(vector)); };
  const auto lower = [](Vector a, Vector b) {
    return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  };
  const auto upper = [](Vector a, Vector b) {
    return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  };
  const auto vector = [&](std::size_t k) { return load_bytes(from + k * step, lanes); };
  static_assert(Count == 2 || Count == 4);
  if constexpr (Count == 2) {
    put(0, lower(vector(0), vector(1)));
    put(1, upper(vector(0), vector(1)));
  } else {
    const Vector even[2] = {lower(vector(0), vector(2)), upper(vector(0), vector(2))};
    const Vector odd[2] = {lower(vector(1), vector(3)), upper(vector(1), vector(3))};
    for_each_index<2>([&](auto half) {
      put(2 * half, lower(even[half], odd[half]));
      put(2 * half + 1, upper(even[half], odd[half]));
    });
  }
}

/// A depthwise convolution whose loops the compiler knows. Rows of the image are copied with what surrounds them, each
/// number together with those of the pixels behind it that the same instruction takes.
template <ProductShape S, class Dot>
class TiledDepthwise {
 public:
  using Element = typename Dot::Element;
  using Weight = typename Dot::Weight;

  static constexpr std::size_t scratchpad_bytes() noexcept {
    return (kept_rows * row_size + plain_size) * sizeof(Element);
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
  void run(std::byte* scratchpad, Element padding, CopyRow&& copy_row, Start&& start, Finish finish) const noexcept {
    auto* const ring = reinterpret_cast<Element*>(scratchpad);
    Element* const plain = ring + kept_rows * row_size;
    if constexpr (size > 1) std::fill_n(plain, plain_size, padding);
    std::size_t copied = 0;
    for (std::size_t line = 0; line < height; ++line) {
      const std::size_t top = line * stride;
      for (copied = std::max(copied, top); copied < top + kept_rows; ++copied) {
        copy_one(copied, ring + copied % kept_rows * row_size, plain, padding, copy_row);
      }
      std::array<const Element*, kernel_height> rows;
      for (std::size_t y = 0; y < kernel_height; ++y) {
        rows[y] = ring + (top + y * row_dilation) % kept_rows * row_size;
      }
      for_pieces<width, most_pixels>(0, [&]<int Pixels>(std::integral_constant<int, Pixels>, std::size_t first) {
        pixels<Pixels>(rows, first, line, start, finish);
      });
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
  static constexpr std::size_t plain_size = row_pixels * channels + (size - 1) * column_dilation * channels + 16;
  static constexpr std::size_t row_size = row_pixels * channels * size;
  static constexpr std::size_t pixel_step = static_cast<std::size_t>(S.window.stride.width) * channels * size;

  static constexpr auto most_pixels = static_cast<std::size_t>(Dot::limits.sums / 2);

  /// The rows that a row of the result sees; the next one sees most of them again.
  static constexpr std::size_t kept_rows = row_dilation * (kernel_height - 1) + 1;

  /// Row `index` of the image, counted with the padding above it.
  template <class CopyRow>
  static void copy_one(std::size_t index, Element* to, Element* plain, Element padding, CopyRow& copy_row) noexcept {
    const auto y = static_cast<std::ptrdiff_t>(index) - S.window.padding.height;
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

  /// Puts each number of a row together with those of the pixels behind it.
  static void group(const Element* plain, Element* to) noexcept {
    constexpr std::size_t step = column_dilation * channels;
    constexpr std::size_t count = row_pixels * channels;
    constexpr std::size_t full = count / 16 * 16;
    for (std::size_t i = 0; i < full; i += 16) interleave<size>(plain + i, step, to + i * size);
    if constexpr (full < count) {  // Asked so because GCC 12 warns of a loop of no rounds.
      for (std::size_t i = full; i < count; ++i) {
        for (std::size_t k = 0; k < size; ++k) to[i * size + k] = plain[i + k * step];
      }
    }
  }

  using Rows = std::array<const Element*, kernel_height>;

  template <int Pixels, class Start, class Finish>
  [[gnu::always_inline]] void pixels(const Rows& rows, std::size_t first, std::size_t line, Start& start,
                                     Finish& finish) const noexcept {
    constexpr std::size_t two = 2 * std::size_t{Dot::lanes};
    constexpr std::size_t full = channels / two * two;
    for (std::size_t c = 0; c < full; c += two) block<Pixels, 2, two>(rows, first, line, c, start, finish);
    if constexpr (full < channels) {
      constexpr int vectors = channels - full > Dot::lanes ? 2 : 1;
      block<Pixels, vectors, channels - full>(rows, first, line, full, start, finish);
    }
  }

  template <int Pixels, int Vectors, std::size_t Count, class Start, class Finish>
  [[gnu::always_inline]] void block(const Rows& rows, std::size_t first, std::size_t line, std::size_t channel,
                                    Start& start, Finish& finish) const noexcept {
    const auto multiply = [&](auto& registers) __attribute__((always_inline)) {
      for (std::size_t y = 0; y < kernel_height; ++y) {
        for (std::size_t g = 0; g < groups; ++g) {
          const Weight* const weights = packed_.data() + ((y * groups + g) * channels + channel) * size;
          const Element* const at =
              rows[y] + first * pixel_step + (g * size * column_dilation * channels + channel) * size;
          for_each_index<Vectors>([&](auto v) {
            const auto right = load_factor<Dot>(weights + v * size * Dot::lanes);
            for_each_index<Pixels>([&](auto p) {
              const auto left = load_factor<Dot>(at + p * pixel_step + v * size * Dot::lanes);
              registers[p][v] = Dot::add(registers[p][v], left, right);
            });
          });
        }
      }
    };
    const auto sums = sum_tile<Dot, Pixels, Vectors>(start(channel), multiply);
    for_each_index<Pixels>([&](auto p) {
      finish(sums[p], line * width + first + p, channel, std::integral_constant<std::size_t, Count>{});
    });
  }

  AlignedBuffer<Weight> packed_;
};

/// Whether each channel of the result is made of one channel of the image.
[[nodiscard]] constexpr bool is_depthwise(const ProductShape& shape) {
  return shape.groups > 1 && shape.groups == shape.in.channels && shape.groups == shape.out.channels;
}

}  // namespace attar::detail
