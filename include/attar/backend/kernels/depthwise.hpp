// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include <attar/backend/kernels/vector.hpp>
#include <attar/core/shape.hpp>

/// The inner loops of depthwise convolutions: one row of one image, channels in vectors, some pixels side by side in
/// registers, so that each number that is loaded meets all taps of its kernel row. Pixels of the padding are read from
/// `zeros`.
namespace attar::detail {

/// Calls `body` with the constants 0 ... Count - 1. Inlined, so that arrays indexed by them become registers.
template <int Count, class Body>
[[gnu::always_inline]] inline void unroll(Body&& body) {
  const auto run = [&]<int... I>(std::integer_sequence<int, I...>)
                       __attribute__((always_inline)) { (body(std::integral_constant<int, I>{}), ...); };
  run(std::make_integer_sequence<int, Count>{});
}

/// `for_lanes` with fewer widths: these loops are long, and four channels alone are rare.
template <class Body>
inline void for_wide_lanes(std::size_t count, Body&& body) {
  std::size_t c = 0;
  const auto run = [&]<int Count>(Lanes<Count> lanes) {
    for (; c + Count <= count; c += Count) body(c, lanes);
  };
  run(Lanes<native_lanes>{});
  if constexpr (native_lanes > 8) run(Lanes<8>{});
  run(Lanes<1>{});
}

/// An image, or the gradient of one: rows x columns x channels. Reads outside of it give `zeros`.
template <class Storage>
struct PaddedImage {
  const Storage* data;
  int height;
  int width;
  std::size_t channels;
  const Storage* zeros;      ///< The channels of a pixel outside: what stands for 0.
  bool adds_nothing = true;  ///< Whether that is 0, so that rows outside need not be looked at.

  /// Null outside of the image.
  [[nodiscard]] const Storage* row(int index) const noexcept {
    if (index < 0 || index >= height) return nullptr;
    return data + static_cast<std::size_t>(index) * static_cast<std::size_t>(width) * channels;
  }
  /// A pixel of a row, which may be null.
  [[nodiscard]] const Storage* pixel(const Storage* row, int column) const noexcept {
    const bool inside = row != nullptr && static_cast<unsigned>(column) < static_cast<unsigned>(width);
    return inside ? row + static_cast<std::size_t>(column) * channels : zeros;
  }
};

/// The weights of a depthwise kernel, tap by tap; backwards for the gradient of the input.
struct DepthwiseTaps {
  const float* first;
  std::ptrdiff_t step;

  [[nodiscard]] const float* operator[](int tap) const noexcept { return first + tap * step; }
};

/// A row of the result: calls `finish(column, channel, sum, lanes)` for all of its `columns`. The window of column 0
/// begins at (`top`, `left`) of the image.
template <int Kernel, int Stride, int Pixels, class Storage, class Finish>
void convolve_row(const PaddedImage<Storage>& image, int top, int left, int columns, DepthwiseTaps taps,
                  Finish&& finish) {
  constexpr int reach = (Pixels - 1) * Stride + Kernel;
  const std::size_t channels = image.channels;
  const int first_row = image.adds_nothing ? std::max(0, -top) : 0;
  const int last_row = image.adds_nothing ? std::min(Kernel, image.height - top) : Kernel;
  for (int begin = 0; begin < columns; begin += Pixels) {
    std::array<std::array<const Storage*, reach>, Kernel> from;
    for (int y = first_row; y < last_row; ++y) {
      const Storage* const row = image.row(top + y);
      for (int j = 0; j < reach; ++j) {
        from[static_cast<std::size_t>(y)][static_cast<std::size_t>(j)] = image.pixel(row, left + begin * Stride + j);
      }
    }
    for_wide_lanes(channels, [&]<int L>(std::size_t c, Lanes<L> lanes) {
      Floats<L> sums[Pixels]{};
      for (int y = first_row; y < last_row; ++y) {
        const Storage* const* row = from[static_cast<std::size_t>(y)].data();
        Floats<L> weights[Kernel];
        unroll<Kernel>([&](auto x) { weights[x] = load(taps[y * Kernel + x] + c, lanes); });
        unroll<reach>([&](auto j) {
          const Floats<L> value = load(row[j] + c, lanes);
          unroll<Pixels>([&](auto b) {
            constexpr int x = j - b * Stride;
            if constexpr (x >= 0 && x < Kernel) sums[b] += value * weights[x];
          });
        });
      }
      unroll<Pixels>([&](auto b) {
        if (begin + b < columns) finish(begin + b, c, sums[b], lanes);
      });
    });
  }
}

/// A row of the gradient of the input of a convolution with stride 2, like `convolve_row`. `image` is the gradient of
/// its output, `row` the row of the input counted with the padding above it, `padding` that on the left.
template <int Kernel, int Pixels, class Storage, class Finish>
void spread_row(const PaddedImage<Storage>& image, int row, int padding, int columns, DepthwiseTaps taps,
                Finish&& finish) {
  constexpr int halo = (Kernel - 1) / 2;
  constexpr int reach = Pixels / 2 + halo;
  // The taps that meet this row: every other one, while the row of the image is inside.
  const int first = std::max(row % 2, row - 2 * (image.height - 1));
  const int end = std::min(Kernel, row + 1);
  // Blocks begin at even columns, counted with the padding: pixel b then meets the taps that are even as b is.
  const std::size_t channels = image.channels;
  for (int begin = -(padding % 2); begin < columns; begin += Pixels) {
    std::array<std::array<const Storage*, reach>, Kernel> from;
    for (int y = first; y < end; y += 2) {
      const Storage* const line = image.row((row - y) / 2);
      for (int j = 0; j < reach; ++j) {
        from[static_cast<std::size_t>(y)][static_cast<std::size_t>(j)] =
            image.pixel(line, (begin + padding) / 2 - halo + j);
      }
    }
    for_wide_lanes(channels, [&]<int L>(std::size_t c, Lanes<L> lanes) {
      Floats<L> sums[Pixels]{};
      for (int y = first; y < end; y += 2) {
        const Storage* const* line = from[static_cast<std::size_t>(y)].data();
        Floats<L> weights[Kernel];
        unroll<Kernel>([&](auto x) { weights[x] = load(taps[y * Kernel + x] + c, lanes); });
        unroll<reach>([&](auto j) {
          const Floats<L> value = load(line[j] + c, lanes);
          unroll<Pixels>([&](auto b) {
            unroll<Kernel>([&](auto x) {
              if constexpr (b % 2 == x % 2 && b / 2 - x / 2 == j - halo) sums[b] += value * weights[x];
            });
          });
        });
      }
      unroll<Pixels>([&](auto b) {
        if (begin + b >= 0 && begin + b < columns) finish(begin + b, c, sums[b], lanes);
      });
    });
  }
}

/// Adds to `sums` (taps x channels) the products of `rows` rows of the output's gradient, the first of them `row`, with
/// what the taps read of the image; and to `total`, if not null, the gradient itself.
template <int Kernel, int Stride, class Storage>
void correlate_rows(const PaddedImage<Storage>& image, const PaddedImage<Storage>& gradient, int padding_top,
                    int padding_left, int row, int rows, float* sums, float* total) {
  constexpr int pixels = 4;
  constexpr int reach = (pixels - 1) * Stride + Kernel;
  for_wide_lanes(image.channels, [&]<int L>(std::size_t c, Lanes<L> lanes) {
    Floats<L> products[Kernel * Kernel]{};
    Floats<L> plain{};
    for (int o = row; o < row + rows; ++o) {
      const Storage* const inner_row = gradient.row(o);
      std::array<const Storage*, Kernel> lines;
      for (int y = 0; y < Kernel; ++y) lines[static_cast<std::size_t>(y)] = image.row(o * Stride - padding_top + y);
      for (int begin = 0; begin < gradient.width; begin += pixels) {
        Floats<L> inner[pixels];
        unroll<pixels>([&](auto b) {
          inner[b] = load(gradient.pixel(inner_row, begin + b) + c, lanes);
          plain += inner[b];
        });
        unroll<Kernel>([&](auto y) {
          const Storage* const line = lines[y];
          if (line == nullptr) return;
          unroll<reach>([&](auto j) {
            const Floats<L> value = load(image.pixel(line, begin * Stride - padding_left + j) + c, lanes);
            unroll<pixels>([&](auto b) {
              constexpr int x = j - b * Stride;
              if constexpr (x >= 0 && x < Kernel) products[y * Kernel + x] += value * inner[b];
            });
          });
        });
      }
    }
    unroll<Kernel * Kernel>([&](auto tap) { put(sums + tap * image.channels + c, products[tap], true, lanes); });
    if (total != nullptr) put(total + c, plain, true, lanes);
  });
}

}  // namespace attar::detail
