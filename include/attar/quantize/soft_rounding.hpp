// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <numbers>

/// The formulas of AdaRound (Nagel et al., "Up or down? Adaptive rounding for post-training quantization", ICML 2020,
/// section 3.2): how far h in [0, 1] a weight is rounded up, as a smooth function of a number v that is learned, and
/// what drives h to 0 and 1.
namespace attar::detail {

/// The sigmoid is stretched to (-0.1, 1.1), so that 0 and 1 are reached (equation 23; Louizos et al. 2018).
inline constexpr double stretch_low = -0.1;
inline constexpr double stretch_high = 1.1;

/// h(v) = clip(1.2 sigmoid(v) - 0.1, 0, 1), and its derivative, which is 0 where h is clipped.
template <std::floating_point T>
struct SoftRounding {
  T share;
  T slope;

  explicit SoftRounding(T v) noexcept {
    const T sigmoid = 1 / (1 + std::exp(-v));
    const T stretched = static_cast<T>(stretch_high - stretch_low) * sigmoid + static_cast<T>(stretch_low);
    share = std::clamp(stretched, T{0}, T{1});
    const bool inside = stretched > 0 && stretched < 1;
    slope = inside ? static_cast<T>(stretch_high - stretch_low) * sigmoid * (1 - sigmoid) : T{0};
  }

  /// The v whose h is `share`, in [0, 1].
  [[nodiscard]] static T inverse(T share) noexcept {
    return -std::log(static_cast<T>(stretch_high - stretch_low) / (share - static_cast<T>(stretch_low)) - 1);
  }
};

/// The regularizer of one weight, 1 - |2h - 1|^beta (equation 24), and its derivative by h. A large beta lets h move
/// freely in the middle, a small one pushes it to the nearer end.
template <std::floating_point T>
struct RoundingPenalty {
  T value;
  T slope;

  RoundingPenalty(T share, T beta) noexcept {
    const T distance = 2 * share - 1;
    const T power = std::pow(std::abs(distance), beta - 1);
    value = 1 - power * std::abs(distance);
    slope = distance < 0 ? 2 * beta * power : -2 * beta * power;
  }
};

/// The share of a run that goes without the regularizer.
inline constexpr double rounding_warm_start = 0.2;

/// beta of step `step` of `steps`: behind the warm start from 20 to 2 along half a cosine.
[[nodiscard]] inline double rounding_beta(int step, int steps) noexcept {
  constexpr double from = 20;
  constexpr double to = 2;
  const double start = rounding_warm_start * steps;
  const double way = std::clamp((step - start) / (steps - start), 0.0, 1.0);
  return to + 0.5 * (from - to) * (1 + std::cos(way * std::numbers::pi));
}

}  // namespace attar::detail
