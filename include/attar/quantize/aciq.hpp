// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <span>

#include <attar/quantize/value_statistics.hpp>

namespace attar {

/// Clips where theory says that the squared error is least, for numbers of a normal or a Laplace distribution around 0
/// (Banner, Nahshan, Soudry, "Post training 4-bit quantization of convolutional networks for rapid-deployment",
/// NeurIPS 2019: "ACIQ"), whichever makes the data more likely. It smooths over what little data happened to show.
///
/// With a step of limit / levels, the error is clipping + limit^2 / (12 levels^2), where the clipping is
/// 2 b^2 exp(-limit / b) for Laplace of mean magnitude b, and for the normal distribution the tail's second moment
/// about the limit. Behind a ReLU only half of the distribution is there: both parts are halved, which leaves the best
/// limit where it was, and `levels` is 255 instead of 127. Zeros, the other half, do not count.
struct Aciq {
  [[nodiscard]] static float limit(const ValueStatistics& statistics, int levels) noexcept {
    double count = 0;
    double sum = 0;
    double squares = 0;
    const std::span<const std::uint64_t> histogram = statistics.histogram();
    for (std::size_t bin = 0; bin < histogram.size(); ++bin) {
      const auto of_bin = static_cast<double>(histogram[bin]);
      const double middle = static_cast<double>(bin) + 0.5;
      count += of_bin;
      sum += of_bin * middle;
      squares += of_bin * middle * middle;
    }
    if (count == 0) return statistics.magnitude();
    const double mean = sum / count;
    const double deviation = std::sqrt(squares / count);
    // The likelihoods at their best parameters: log(2 e mean) against log(2 pi e deviation^2) / 2.
    const bool laplace = mean < deviation * std::sqrt(std::numbers::pi / (2 * std::numbers::e));
    const double best = laplace ? mean * laplace_limit(levels) : deviation * normal_limit(levels);
    return std::min(static_cast<float>(best * double{statistics.bin_width()}), statistics.magnitude());
  }

  /// The best limit for a Laplace distribution of mean magnitude 1: the root of t exp(t) = 12 levels^2.
  [[nodiscard]] static double laplace_limit(int levels) noexcept {
    const double right = 12.0 * levels * levels;
    return root([&](double t) { return t * std::exp(t) - right; });
  }

  /// The best limit for a normal distribution of deviation 1, of density f and tail Q: the root of
  /// t / (6 levels^2) = 4 (f(t) - t Q(t)).
  [[nodiscard]] static double normal_limit(int levels) noexcept {
    const double slope = 1.0 / (6.0 * levels * levels);
    return root([&](double t) {
      const double density = std::exp(-t * t / 2) / std::sqrt(2 * std::numbers::pi);
      const double tail = std::erfc(t / std::numbers::sqrt2) / 2;
      return t * slope - 4 * (density - t * tail);
    });
  }

 private:
  /// Where a growing function passes 0.
  template <class Function>
  static double root(Function&& function) noexcept {
    double low = 0;
    double high = 64;  // In mean magnitudes or deviations: beyond the root of any number of levels.
    for (int halving = 0; halving < 60; ++halving) {
      const double middle = (low + high) / 2;
      (function(middle) < 0 ? low : high) = middle;
    }
    return high;
  }
};

}  // namespace attar
