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

/// How the product of a shape is cut into tiles that stay in registers: `pixels` neighbours in a row times `vectors`
/// vectors of outputs.
struct Tiling {
  /// Registers for sums, beside those for weights and one number of the image.
#if defined(__AVX512F__) || defined(__aarch64__)
  static constexpr int registers = 24;
#else
  static constexpr int registers = 12;
#endif

  int vectors;  ///< The most of a block of outputs.
  int pixels;   ///< The most of a tile.

  constexpr Tiling(const ProductShape& shape, int lanes) : vectors{1}, pixels{1} {
    const int all = (shape.out.channels / shape.groups + lanes - 1) / lanes;
    const int width = shape.out.width;
    // More vectors use a number of the image more often, more pixels a weight: as square as the shape allows.
    const int most = width == 1 ? 8 : (lanes == 4 && registers == 24 ? 4 : 2);
    while (vectors * 2 <= std::min(all, most)) vectors *= 2;
    pixels = std::min(width, registers / vectors);
  }
};

/// Pieces of a row of `width` pixels, of at most `most`, as equal as they can be.
[[nodiscard]] constexpr int piece_begin(int width, int most, int piece) {
  const int pieces = (width + most - 1) / most;
  return width * piece / pieces;
}

}  // namespace attar::detail
