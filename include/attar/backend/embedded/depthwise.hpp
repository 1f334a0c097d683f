// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>

#include <attar/backend/embedded/copied_rows.hpp>
#include <attar/backend/embedded/tile.hpp>
#include <attar/backend/embedded/tiling.hpp>
#include <attar/backend/kernels/int8_vector.hpp>
#include <attar/backend/kernels/vector.hpp>
#include <attar/core/parallel.hpp>

namespace attar::detail {

/// Sixteen numbers of each of four vectors, `step` apart, in turns: a0 b0 c0 d0 a1 b1 ...
template <class Element>
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
  const Vector even[2] = {lower(vector(0), vector(2)), upper(vector(0), vector(2))};
  const Vector odd[2] = {lower(vector(1), vector(3)), upper(vector(1), vector(3))};
  for (std::size_t half = 0; half < 2; ++half) {
    put(2 * half, lower(even[half], odd[half]));
    put(2 * half + 1, upper(even[half], odd[half]));
  }
}

/// How a depthwise convolution is computed, and where its numbers lie: rows of the image are copied with what surrounds
/// them, each number together with those of the pixels behind it that the same instruction takes.
template <class D>
struct DepthwisePlan {
  using Dot = D;
  using Element = typename Dot::Element;
  using Weight = typename Dot::Weight;

  ProductShape shape;
  std::size_t height, width, channels;
  std::size_t kernel_width, kernel_height;
  std::size_t stride, row_dilation;
  std::size_t column_dilation;  ///< Taps of a row that one instruction takes are neighbours; dilated ones are not.
  std::size_t groups, taps;     ///< Instructions of a row of the kernel, and of all of it.
  std::size_t margin;           ///< In elements.
  std::size_t row_data;
  std::size_t row_elements;  ///< With the padding.
  /// A row as it is, with the padding around it and what the last group sees behind that. Loads of vectors reach a
  /// little farther.
  std::size_t plain_size;
  std::size_t row_size, pixel_step;
  std::size_t kept_rows;  ///< Those that a row of the result sees; the next one sees most of them again.

  constexpr explicit DepthwisePlan(const ProductShape& s)
      : shape{s},
        height{static_cast<std::size_t>(s.out.height)},
        width{static_cast<std::size_t>(s.out.width)},
        channels{static_cast<std::size_t>(s.in.channels)},
        kernel_width{static_cast<std::size_t>(s.window.kernel.width)},
        kernel_height{static_cast<std::size_t>(s.window.kernel.height)},
        stride{static_cast<std::size_t>(s.window.stride.height)},
        row_dilation{static_cast<std::size_t>(s.window.dilation.height)},
        column_dilation{static_cast<std::size_t>(s.window.dilation.width)},
        groups{(kernel_width + Dot::group - 1) / Dot::group},
        taps{kernel_height * groups},
        margin{static_cast<std::size_t>(s.window.padding.width) * channels},
        row_data{static_cast<std::size_t>(s.in.width) * channels},
        row_elements{row_data + 2 * margin},
        plain_size{row_elements + (Dot::group - 1) * column_dilation * channels + 16},
        row_size{row_elements * Dot::group},
        pixel_step{static_cast<std::size_t>(s.window.stride.width) * channels * Dot::group},
        kept_rows{row_dilation * (kernel_height - 1) + 1} {}

  [[nodiscard]] constexpr std::size_t scratchpad_bytes() const noexcept {
    return (kept_rows * row_size + plain_size) * sizeof(Element);
  }
  [[nodiscard]] constexpr std::size_t packed_weights() const noexcept {
    return taps * Dot::group * (channels + Dot::lanes);
  }

  /// As that of `ProductPlan`.
  template <class Number>
  void pack(std::span<const Number> weights, Weight* to) const {
    for (std::size_t y = 0; y < kernel_height; ++y) {
      for (std::size_t x = 0; x < kernel_width; ++x) {
        Weight* const of_tap = to + (y * groups + x / Dot::group) * channels * Dot::group + x % Dot::group;
        for (std::size_t c = 0; c < channels; ++c) {
          of_tap[c * Dot::group] = static_cast<Weight>(weights[(c * kernel_height + y) * kernel_width + x]);
        }
      }
    }
  }
};

/// Puts four numbers together, each of `count` with those that are `step`, `2 * step`, ... behind it.
template <class Element>
void group_row(const Element* from, std::size_t count, std::size_t step, Element* to) noexcept {
  std::size_t i = 0;
  for (; i + 16 <= count; i += 16) interleave(from + i, step, to + i * 4);
  for (; i < count; ++i) {
    for (std::size_t k = 0; k < 4; ++k) to[i * 4 + k] = from[i + k * step];
  }
}

/// Row `index` of the image, counted with the padding above it. `rows` are as `copy_rows` takes them; `plain` has room
/// for a row, and padding around it.
template <class Dot, class Rows>
[[gnu::noinline]] void copy_depthwise_row(const DepthwisePlan<Dot>& plan, std::size_t index, const Rows& rows,
                                          typename Dot::Element* plain, typename Dot::Element* to) noexcept {
  const auto y = static_cast<std::ptrdiff_t>(index) - plan.shape.window.padding.height;
  if constexpr (Dot::group == 1) {
    copy_padded_row(plan, y, rows, to);
  } else if (y < 0 || y >= plan.shape.in.height) {
    rows.pad(to, plan.row_size);
  } else {
    rows.copy(static_cast<std::size_t>(y) * plan.row_data, plan.row_data, plain + plan.margin);
    group_row(plain, plan.row_elements, plan.column_dilation * plan.channels, to);
  }
}

/// A depthwise convolution of shape `S`, whose loops the compiler knows.
template <ProductShape S, class Dot>
class TiledDepthwise {
 public:
  using Element = typename Dot::Element;
  using Weight = typename Dot::Weight;
  using Number = SumNumber<Dot>;
  static constexpr DepthwisePlan<Dot> plan{S};

  /// As that of `TiledProduct`.
  template <class Rows, class Finish>
  static void run(const Weight* weights, const Number* starts, const Rows& rows, std::byte* scratchpad,
                  Finish finish) noexcept {
    auto* const ring = reinterpret_cast<Element*>(scratchpad);
    Element* const plain = ring + plan.kept_rows * plan.row_size;
    if constexpr (size > 1) rows.pad(plain, plan.plain_size);
    const Range own = own_part(plan.height);
    std::size_t copied = 0;
    for (std::size_t line = own.begin; line < own.end; ++line) {
      const std::size_t top = line * plan.stride;
      for (copied = std::max(copied, top); copied < top + plan.kept_rows; ++copied) {
        copy_depthwise_row<Dot>(plan, copied, rows, plain, ring + copied % plan.kept_rows * plan.row_size);
      }
      Lines lines;
      for (std::size_t y = 0; y < plan.kernel_height; ++y) {
        lines[y] = ring + (top + y * plan.row_dilation) % plan.kept_rows * plan.row_size;
      }
      for_pieces<plan.width, most_pixels>(
          [&]<std::size_t Pixels>(std::integral_constant<std::size_t, Pixels>, std::size_t first)
              __attribute__((always_inline)) { pixels<int{Pixels}>(lines, first, line, weights, starts, finish); });
    }
  }

 private:
  static constexpr std::size_t size = Dot::group;
  /// Whether numbers of the image are loaded once for all pixels that see them.
  static constexpr bool shares_numbers = size == 1;
  /// Of a tile. Its registers hold the weights of a row, too, but for those of bytes where there are few registers: two
  /// vectors of sums, sixteen results, are cheaper to round than twice one.
  static constexpr int most_vectors = many_registers || sizeof(Element) < sizeof(Number) ? 2 : 1;
  static constexpr std::size_t most_pixels =
      shares_numbers && (many_registers || most_vectors == 1) ? 8 : Dot::limits.sums / 2;
  using Lines = std::array<const Element*, plan.kernel_height>;  ///< The rows that a row of the result sees.

  /// All channels of some pixels.
  template <int Pixels, class Finish>
  [[gnu::always_inline]] static void pixels(const Lines& lines, std::size_t first, std::size_t line,
                                            const Weight* weights, const Number* starts,
                                            const Finish& finish) noexcept {
    constexpr std::size_t count = most_vectors * std::size_t{Dot::lanes};
    constexpr std::size_t full = plan.channels / count * count;
    for (std::size_t c = 0; c < full; c += count) {
      tile<Pixels, most_vectors, count>(lines, first, line, c, weights, starts, finish);
    }
    if constexpr (full < plan.channels) {
      constexpr int vectors = plan.channels - full > Dot::lanes ? 2 : 1;
      tile<Pixels, vectors, plan.channels - full>(lines, first, line, full, weights, starts, finish);
    }
  }

  template <int Pixels, int Vectors, std::size_t Count, class Finish>
  [[gnu::always_inline]] static void tile(const Lines& lines, std::size_t first, std::size_t line, std::size_t channel,
                                          const Weight* weights, const Number* starts, const Finish& finish) noexcept {
    Tile<Dot, Pixels, Vectors> tile;
    tile.begin(has_starts<Dot> ? starts + channel : nullptr);
    multiply(tile, lines, first * plan.pixel_step + channel * size, weights + channel * size);
    // From registers: there are so few products to a sum that a call, or a way by memory, would show.
#pragma GCC unroll 32
    for (std::size_t p = 0; p < std::size_t{Pixels}; ++p) {
      finish.template put_here<Count>(tile.sums + p, 1, line * plan.width + first + p, channel);
    }
  }

  /// Adds all products of a tile whose numbers begin at `at` in each row.
  template <int Pixels, int Vectors>
  [[gnu::always_inline]] static void multiply(Tile<Dot, Pixels, Vectors>& tile, const Lines& lines, std::size_t at,
                                              const Weight* weights) noexcept {
    constexpr std::size_t row_weights = plan.groups * plan.channels * size;
    if constexpr (shares_numbers) {
#pragma GCC unroll 4
      for (std::size_t y = 0; y < plan.kernel_height; ++y) multiply_row(tile, lines[y] + at, weights + y * row_weights);
    } else {
      for (std::size_t y = 0; y < plan.kernel_height; ++y) {
#pragma GCC unroll 4
        for (std::size_t g = 0; g < plan.groups; ++g) {
          const std::size_t column = g * size * plan.column_dilation * plan.channels;
          tile.multiply_vectors(lines[y] + at + column * size, plan.pixel_step,
                                weights + y * row_weights + g * plan.channels * size);
        }
      }
    }
  }

  /// Those of a row of the kernel.
  template <int Pixels, int Vectors>
  [[gnu::always_inline]] static void multiply_row(Tile<Dot, Pixels, Vectors>& tile, const Element* image,
                                                  const Weight* weights) noexcept {
    constexpr std::size_t step = plan.pixel_step / plan.channels;
    constexpr std::size_t seen = (Pixels - 1) * step + (plan.kernel_width - 1) * plan.column_dilation + 1;
#pragma GCC unroll 64
    for (std::size_t x = 0; x < seen; ++x) {
      typename Dot::Factor numbers[Vectors];
#pragma GCC unroll 32
      for (int v = 0; v < Vectors; ++v) {
        numbers[v] = load_factor<Dot>(image + x * plan.channels + v * Dot::lanes);
        // Else GCC reads it again for every pixel; what was widened it does not.
        if constexpr (sizeof(Element) == sizeof(Number)) keep_in_register(numbers[v]);
      }
#pragma GCC unroll 16
      for (std::size_t tap = 0; tap < plan.kernel_width; ++tap) {
        const std::size_t before = tap * plan.column_dilation;
        if (x < before || (x - before) % step != 0 || (x - before) / step >= Pixels) continue;
        tile.multiply_own((x - before) / step, numbers, weights + tap * plan.channels);
      }
    }
  }
};

/// Whether each channel of the result is made of one channel of the image.
[[nodiscard]] constexpr bool is_depthwise(const ProductShape& shape) {
  return shape.groups > 1 && shape.groups == shape.in.channels && shape.groups == shape.out.channels;
}

}  // namespace attar::detail
