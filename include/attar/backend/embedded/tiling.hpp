// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>

#include <attar/backend/kernels/vector.hpp>
#include <attar/core/shape.hpp>
#include <attar/layers/op.hpp>

namespace attar::detail {

/// What decides how a convolution or a linear layer is computed, known when the program is compiled. A linear layer is
/// a convolution of one pixel.
struct ProductShape {
  Shape in{};
  Shape out{};
  Window window{};
  int groups = 1;

  friend constexpr bool operator==(const ProductShape&, const ProductShape&) = default;

  [[nodiscard]] constexpr std::size_t inputs() const { return static_cast<std::size_t>(in.channels / groups); }
  [[nodiscard]] constexpr std::size_t outputs() const { return static_cast<std::size_t>(out.channels / groups); }
};

/// The shape of a product; where a convolution looks at one pixel at a time, all of the image is one row.
[[nodiscard]] constexpr ProductShape product_shape(const Op& op, const Shape& in, const Shape& out) {
  if (op.kind == OpKind::linear) return {{static_cast<int>(in.size()), 1, 1}, out, {}, 1};
  if (op.window != Window{}) return {in, out, op.window, op.groups};
  const int pixels = in.height * in.width;
  return {{in.channels, 1, pixels}, {out.channels, 1, pixels}, {}, op.groups};
}

/// Pieces of a row, as equal as they can be.
struct Pieces {
  std::size_t size;     ///< In pixels.
  std::size_t count;    ///< Of that size.
  std::size_t shorter;  ///< Pieces of one pixel less, behind them.
};

/// A row of `width` pixels in pieces of at most `most`.
[[nodiscard]] constexpr Pieces cut(std::size_t width, std::size_t most) {
  const std::size_t count = (width + most - 1) / most;
  const std::size_t size = (width + count - 1) / count;
  const std::size_t shorter = size * count - width;
  return {size, count - shorter, shorter};
}

/// Whether there are 32 vector registers, else 16 or fewer.
#if defined(__AVX512F__) || defined(__aarch64__) || defined(__riscv_v)
inline constexpr bool many_registers = true;
#else
inline constexpr bool many_registers = false;
#endif

/// What decides how large a tile should be.
struct TileLimits {
  int lanes;         ///< Of a vector.
  int sums;          ///< Vectors that stay in registers, beside those for weights and one number of the image.
  int most_vectors;  ///< Of outputs.
  int latency;       ///< Cycles from one addition to a sum to the next one.
  /// Whether it takes the place of a multiplication to copy a number of the image to all lanes.
  bool costly_broadcast = false;
};

/// How many vectors of outputs a tile has; the rest of its registers is for neighbouring pixels. That number is chosen
/// which takes the fewest cycles by a plain model: two multiplications and two loads in a cycle, and no sum is added to
/// before the last addition is done.
[[nodiscard]] constexpr int best_vectors(const ProductShape& shape, const TileLimits& limits) {
  const int all = (shape.out.channels / shape.groups + limits.lanes - 1) / limits.lanes;
  const auto cycles_of_block = [&](int vectors) {
    const int pieces = (shape.out.width + limits.sums / vectors - 1) / (limits.sums / vectors);
    const int pixels = (shape.out.width + pieces - 1) / pieces;
    const int work = vectors * pixels + (limits.costly_broadcast ? pixels : 0);
    return pieces * std::max({work, vectors + pixels, 2 * limits.latency});
  };
  int best = 1;
  int fewest = cycles_of_block(1) * all;
  for (int vectors = 2; vectors <= std::min(all, limits.most_vectors); ++vectors) {
    const int rest = all % vectors;
    const int cycles = all / vectors * cycles_of_block(vectors) + (rest > 0 ? cycles_of_block(rest) : 0);
    if (cycles > fewest) continue;
    best = vectors;
    fewest = cycles;
  }
  return best;
}

}  // namespace attar::detail
