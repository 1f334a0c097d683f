// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>

/// The minimal filtering algorithm F(2x2, 3x3) of Winograd (1980) for convolutions (Lavin and Gray, "Fast algorithms
/// for convolutional neural networks", CVPR 2016): four results of a 3 x 3 convolution from a tile of 4 x 4 pixels by
/// 16 multiplications instead of 36. With Y = At [(G w Gt) * (Bt d B)] A, the gradient of the weights is Gt [(A dY At)
/// * (Bt d B)] G.
namespace attar::detail::winograd {

/// Pixels of a transformed tile.
inline constexpr std::size_t points = 16;

template <class Number, std::size_t Height, std::size_t Width>
using Tile = std::array<std::array<Number, Width>, Height>;

/// Applies `line`, which makes `Out` numbers of `In`, to the columns and then to the rows.
template <std::size_t Out, class Number, std::size_t In, class Line>
[[nodiscard]] inline Tile<Number, Out, Out> in_both_directions(const Tile<Number, In, In>& tile, Line line) noexcept {
  Tile<Number, Out, In> half;
  for (std::size_t x = 0; x < In; ++x) {
    std::array<Number, In> column;
    for (std::size_t y = 0; y < In; ++y) column[y] = tile[y][x];
    const std::array<Number, Out> result = line(column);
    for (std::size_t y = 0; y < Out; ++y) half[y][x] = result[y];
  }
  Tile<Number, Out, Out> result;
  for (std::size_t y = 0; y < Out; ++y) result[y] = line(half[y]);
  return result;
}

/// Bt d for one column of a tile of the input; Bt d B is that again for every row of the result.
template <class Number>
[[nodiscard]] inline std::array<Number, 4> input_line(const std::array<Number, 4>& d) noexcept {
  return {d[0] - d[2], d[1] + d[2], d[2] - d[1], d[1] - d[3]};
}

/// G w Gt of a kernel.
template <class Number>
[[nodiscard]] inline Tile<Number, 4, 4> transform_weights(const Tile<Number, 3, 3>& kernel) noexcept {
  return in_both_directions<4>(kernel, [](const std::array<Number, 3>& w) {
    const Number outer = w[0] + w[2];
    return std::array<Number, 4>{w[0], 0.5F * (outer + w[1]), 0.5F * (outer - w[1]), w[2]};
  });
}

/// At m A: the results of a tile from the products.
template <class Number>
[[nodiscard]] inline Tile<Number, 2, 2> transform_output(const Tile<Number, 4, 4>& products) noexcept {
  return in_both_directions<2>(products, [](const std::array<Number, 4>& m) {
    return std::array<Number, 2>{m[0] + m[1] + m[2], m[1] - m[2] - m[3]};
  });
}

/// A dY At: what the gradient of the results of a tile is to the products.
template <class Number>
[[nodiscard]] inline Tile<Number, 4, 4> transform_output_gradient(const Tile<Number, 2, 2>& gradient) noexcept {
  return in_both_directions<4>(gradient, [](const std::array<Number, 2>& y) {
    return std::array<Number, 4>{y[0], y[0] + y[1], y[0] - y[1], -y[1]};
  });
}

/// Gt s G: the gradient of a kernel from that of its transform.
template <class Number>
[[nodiscard]] inline Tile<Number, 3, 3> transform_weight_gradient(const Tile<Number, 4, 4>& gradient) noexcept {
  return in_both_directions<3>(gradient, [](const std::array<Number, 4>& s) {
    const Number sum = 0.5F * (s[1] + s[2]);
    return std::array<Number, 3>{s[0] + sum, 0.5F * (s[1] - s[2]), sum + s[3]};
  });
}

}  // namespace attar::detail::winograd
