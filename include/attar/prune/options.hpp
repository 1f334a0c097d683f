// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

namespace attar {

/// The share of channels that stays: `Keep<3, 4>` removes a quarter of each layer's.
template <int Numerator, int Denominator>
struct Keep {
  static_assert(Numerator > 0 && Denominator > 0 && Numerator <= Denominator,
                "attar[E030]: Keep is a share above 0 and at most 1: what stays, not what goes");
  static constexpr int numerator = Numerator;
  static constexpr int denominator = Denominator;
};

/// The number that a pruned layer's width is a multiple of, default 8: odd widths waste vector registers, and can make
/// a smaller network slower.
template <int Multiple>
struct RoundTo {
  static_assert(Multiple > 0, "attar[E031]: widths can be rounded to a multiple of 1 or more; RoundTo<1> does nothing");
  static constexpr int multiple = Multiple;
};

/// The share of weights that become zero: `Sparsity<9, 10>` leaves one in ten.
template <int Numerator, int Denominator>
struct Sparsity {
  static_assert(Numerator >= 0 && Denominator > 0 && Numerator < Denominator,
                "attar[E032]: a sparsity is at least 0 and less than 1: the share of weights that become zero");
  static constexpr int numerator = Numerator;
  static constexpr int denominator = Denominator;
};

namespace detail {

template <class Option>
inline constexpr bool is_keep = false;
template <int N, int D>
inline constexpr bool is_keep<Keep<N, D>> = true;
template <class Option>
inline constexpr bool is_round_to = false;
template <int Multiple>
inline constexpr bool is_round_to<RoundTo<Multiple>> = true;
template <class Option>
inline constexpr bool is_sparsity = false;
template <int N, int D>
inline constexpr bool is_sparsity<Sparsity<N, D>> = true;

/// The nearest multiple to the kept share of `width`: at least one multiple, at most the width itself.
template <class Share, class Rounding>
constexpr int kept_width(int width) {
  const long long wanted = 2LL * width * Share::numerator;
  const long long unit = 2LL * Rounding::multiple * Share::denominator;
  const long long multiples = std::max((wanted + unit / 2) / unit, 1LL);
  return static_cast<int>(std::min<long long>(multiples * Rounding::multiple, width));
}

}  // namespace detail
}  // namespace attar
