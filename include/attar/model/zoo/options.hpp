// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

namespace attar::zoo {

/// Number of classes.
template <int Count>
struct Classes {
  static constexpr int count = Count;
};

/// Channels of each stage.
template <int... Channels>
struct Widths {
  static constexpr std::array<int, sizeof...(Channels)> channels{Channels...};
};

/// What all widths of a MobileNet are multiplied by, default 1; the results are rounded to multiples of 8 that lose at
/// most a tenth, as all published ones are.
template <int Numerator, int Denominator = 1>
struct WidthMultiplier {
  static_assert(Numerator > 0 && Denominator > 0, "attar[E023]: a width multiplier is a ratio above 0");

  [[nodiscard]] static constexpr int of(int width) {
    const int scaled = width * Numerator;  // In units of 1 / Denominator.
    const int unit = 8 * Denominator;
    const int rounded = std::max((scaled + unit / 2) / unit, 1) * 8;
    return 10 * rounded * Denominator < 9 * scaled ? rounded + 8 : rounded;
  }
};

}  // namespace attar::zoo
