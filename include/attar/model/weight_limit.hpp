// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace attar::detail {

/// The smallest step of a quantizer: its inverse is still finite.
inline constexpr float smallest_step = 1e-30F;

/// The step of a quantizer that represents magnitudes up to `limit` by `levels` levels.
[[nodiscard]] inline float step_of(float limit, int levels) noexcept {
  return std::max(limit / static_cast<float>(levels), smallest_step);
}

/// The step s of least squared error, sum (w - s q)^2 with q = clamp(round(w / s), -levels, levels), for with few
/// levels it pays to clip (Hwang and Sung, "Fixed-point feedforward deep neural network design using weights +1, 0, and
/// -1", 2014). Among the steps k / 128 * largest magnitude / levels, k = 1, ..., 128, the best one; and then the best
/// for its q, which is sum(w q) / sum(q^2) and can only lower the error. `magnitudes` are finite, the largest above 0.
[[nodiscard]] inline double least_squares_step(std::vector<float> magnitudes, int levels) {
  std::sort(magnitudes.begin(), magnitudes.end(), std::greater<>{});
  std::vector<double> sums(magnitudes.size() + 1);  // Of the largest ones.
  for (std::size_t i = 0; i < magnitudes.size(); ++i) sums[i + 1] = sums[i] + double{magnitudes[i]};
  // Per level: how many magnitudes are rounded to it or a higher one. They grow as the step shrinks.
  std::vector<std::size_t> counts(static_cast<std::size_t>(levels));
  constexpr int ratios = 128;
  double best = 0;
  double most = -std::numeric_limits<double>::infinity();
  for (int k = ratios; k > 0; --k) {
    const double step = double{magnitudes[0]} * k / (ratios * levels);
    double products = 0;  // sum(w q): a magnitude counts once for every level that it reaches;
    double squares = 0;   // sum(q^2): and 2 level - 1 times.
    for (std::size_t level = 1; level <= counts.size(); ++level) {
      std::size_t& count = counts[level - 1];
      const double threshold = (static_cast<double>(level) - 0.5) * step;
      while (count < magnitudes.size() && double{magnitudes[count]} > threshold) ++count;
      products += sums[count];
      squares += static_cast<double>((2 * level - 1) * count);
    }
    const double gain = step * (2 * products - step * squares);  // sum(w^2) less the squared error.
    if (gain <= most) continue;
    most = gain;
    best = products / squares;  // No step is so large that all weights would be rounded to 0.
  }
  return best;
}

/// The largest magnitude that symmetric weights of `levels` levels represent: the largest there is, and for up to 7
/// levels, of 4 bits and fewer, that of the least squared error. A dead channel, whose weights are all zero, gets step
/// 1. NaN does not count.
[[nodiscard]] inline float weight_limit(std::span<const float> weights, int levels) {
  float largest = 0;
  for (const float weight : weights) largest = std::max(largest, std::abs(weight));
  if (!(largest > 0)) return static_cast<float>(levels);
  constexpr int few = 7;  // Those of 4 bits.
  if (levels > few || !std::isfinite(largest)) return largest;
  std::vector<float> magnitudes;
  magnitudes.reserve(weights.size());
  for (const float weight : weights) {
    if (weight == weight) magnitudes.push_back(std::abs(weight));
  }
  return static_cast<float>(least_squares_step(std::move(magnitudes), levels) * levels);
}

}  // namespace attar::detail
