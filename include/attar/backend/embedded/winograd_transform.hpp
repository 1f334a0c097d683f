// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

/// The minimal filtering algorithms of Winograd (1980) for convolutions of 3 x 3 (Lavin and Gray, "Fast algorithms for
/// convolutional neural networks", CVPR 2016) in integers, exactly: the fractions of the published transforms are taken
/// out of the weights, and what that leaves in the sums is divided out of the results, without a remainder.
///
/// Each function turns one line of numbers into another; a square of `Outputs` x `Outputs` results is made by applying
/// it to all columns and then to all rows.
namespace attar::detail {

template <int Outputs>
struct WinogradTransform;

/// F(2 x 2, 3 x 3): 16 multiplications instead of 36.
template <>
struct WinogradTransform<2> {
  static constexpr std::size_t outputs = 2;
  static constexpr std::size_t points = 4;  ///< Of the image that a line of results needs, and of all lines between.
  /// What a line of results is too large by: `odd`, and two to the power of these.
  static constexpr std::uint32_t odd = 1;
  static constexpr std::array<int, outputs> powers{1, 1};

  template <class Number>
  [[gnu::always_inline]] static constexpr void weights(const Number (&w)[3], Number (&to)[points]) noexcept {
    to[0] = w[0] + w[0];
    to[1] = w[0] + w[2] + w[1];
    to[2] = w[0] + w[2] - w[1];
    to[3] = w[2] + w[2];
  }
  template <class Number>
  [[gnu::always_inline]] static constexpr void image(const Number (&d)[points], Number (&to)[points]) noexcept {
    to[0] = d[0] - d[2];
    to[1] = d[1] + d[2];
    to[2] = d[2] - d[1];
    to[3] = d[3] - d[1];
  }
  template <class Number>
  [[gnu::always_inline]] static constexpr void results(const Number (&m)[points], Number (&to)[outputs]) noexcept {
    to[0] = m[0] + m[1] + m[2];
    to[1] = m[1] - m[2] + m[3];
  }
};

/// F(4 x 4, 3 x 3): 36 multiplications instead of 144. A byte becomes 15 bits and a sign at most, an 8-bit weight 13
/// bits and a sign.
template <>
struct WinogradTransform<4> {
  static constexpr std::size_t outputs = 4;
  static constexpr std::size_t points = 6;
  static constexpr std::uint32_t odd = 3;
  static constexpr std::array<int, outputs> powers{3, 2, 1, 1};

  template <class Number>
  [[gnu::always_inline]] static constexpr void weights(const Number (&w)[3], Number (&to)[points]) noexcept {
    const Number outer = w[0] + 4 * w[2];
    to[0] = 6 * w[0];
    to[1] = w[0] + w[2] + w[1];
    to[2] = w[0] + w[2] - w[1];
    to[3] = outer + 2 * w[1];
    to[4] = outer - 2 * w[1];
    to[5] = 6 * w[2];
  }
  template <class Number>
  [[gnu::always_inline]] static constexpr void image(const Number (&d)[points], Number (&to)[points]) noexcept {
    const Number far_even = d[4] - (d[2] << 2);
    const Number far_uneven = d[3] - (d[1] << 2);
    const Number even = d[4] - d[2];
    const Number uneven = (d[3] - d[1]) << 1;
    to[0] = ((d[0] - d[2]) << 2) + even;
    to[1] = far_even + far_uneven;
    to[2] = far_even - far_uneven;
    to[3] = even + uneven;
    to[4] = even - uneven;
    to[5] = d[5] - d[3] - (uneven << 1);
  }
  template <class Number>
  [[gnu::always_inline]] static constexpr void results(const Number (&m)[points], Number (&to)[outputs]) noexcept {
    const Number near_even = m[1] + m[2];
    const Number near_odd = m[1] - m[2];
    const Number far_even = m[3] + m[4];
    const Number far_odd = m[3] - m[4];
    to[0] = m[0] - (near_even << 2) + far_even;
    to[1] = far_odd - (near_odd << 1);
    to[2] = far_even - near_even;
    to[3] = (far_odd << 1) - near_odd + m[5];
  }
};

/// Applies a line's function to all columns and then to all rows: `Out` x `Out` numbers of `In` x `In`.
template <std::size_t Out, std::size_t In, class Number, class Line>
[[gnu::always_inline]] constexpr void in_both_directions(const Number (&from)[In][In], Number (&to)[Out][Out],
                                                         const Line& line) noexcept {
  Number half[Out][In];
#pragma GCC unroll 8
  for (std::size_t x = 0; x < In; ++x) {
    Number column[In];
    Number result[Out];
#pragma GCC unroll 8
    for (std::size_t y = 0; y < In; ++y) column[y] = from[y][x];
    line(column, result);
#pragma GCC unroll 8
    for (std::size_t y = 0; y < Out; ++y) half[y][x] = result[y];
  }
#pragma GCC unroll 8
  for (std::size_t y = 0; y < Out; ++y) line(half[y], to[y]);
}

/// Divides by `odd` squared and by two to the power of `power`, where no remainder is: modulo 2^32, so that products
/// and sums may have wrapped as long as the quotient is below 2^(31 - power).
template <std::uint32_t Odd, class Word, class Sum>
[[nodiscard, gnu::always_inline]] inline Sum exact_quotient(Word number, int power, Sum) noexcept {
  constexpr std::uint32_t square = Odd * Odd;
  constexpr std::uint32_t inverse = [] {
    std::uint32_t x = square;  // Right in three bits; each step doubles them (Newton's iteration).
    for (int i = 0; i < 4; ++i) x *= 2 - square * x;
    return x;
  }();
  static_assert(inverse * square == 1);
  if constexpr (square != 1) number *= inverse;
  return reinterpret_cast<Sum>(number) >> power;
}

}  // namespace attar::detail
