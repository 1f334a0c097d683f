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
  int weight_limit = 127;  ///< In int8, the largest magnitude of a weight.

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

  [[nodiscard]] constexpr std::size_t all() const { return count + shorter; }
  /// Where piece `i` begins; where the row ends for the number of all.
  [[nodiscard]] constexpr std::size_t begin(std::size_t i) const { return i * size - (i > count ? i - count : 0); }
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

/// Half cycles that one group of numbers takes of each of `pixels` pixels in tiles of `vectors` vectors of outputs, for
/// `all` vectors, by a plain model: two multiplications and two loads in a cycle, and no sum is added to before the
/// last addition is done.
[[nodiscard]] constexpr int tile_cost(int pixels, int all, int vectors, const TileLimits& limits) {
  const auto cost_of_block = [&](int used) {
    const int pieces = (pixels + limits.sums / used - 1) / (limits.sums / used);
    const int size = (pixels + pieces - 1) / pieces;
    const int work = used * size + (limits.costly_broadcast ? size : 0);
    return pieces * std::max({work, used + size, 2 * limits.latency});
  };
  const int rest = all % vectors;
  return all / vectors * cost_of_block(vectors) + (rest > 0 ? cost_of_block(rest) : 0);
}

/// Vectors of all outputs of a group.
[[nodiscard]] constexpr int all_vectors(const ProductShape& shape, const TileLimits& limits) {
  return (shape.out.channels / shape.groups + limits.lanes - 1) / limits.lanes;
}

/// How many vectors of outputs a tile has, the number that costs least; the rest of its registers is for neighbouring
/// pixels.
[[nodiscard]] constexpr int best_vectors(const ProductShape& shape, const TileLimits& limits) {
  const int all = all_vectors(shape, limits);
  int best = 1;
  int least = tile_cost(shape.out.width, all, 1, limits);
  for (int vectors = 2; vectors <= std::min(all, limits.most_vectors); ++vectors) {
    const int cost = tile_cost(shape.out.width, all, vectors, limits);
    if (cost > least) continue;
    best = vectors;
    least = cost;
  }
  return best;
}

}  // namespace attar::detail
