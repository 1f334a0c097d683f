// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>

#include <attar/core/error.hpp>

namespace attar {

namespace detail {

/// The nearest of -limit, ..., limit, ties to even.
[[nodiscard]] inline double nearest_weight(double weight, double scale, double limit) noexcept {
  return std::clamp(std::nearbyint(weight / scale), -limit, limit);
}

/// The scale of least squared error, sum (w - scale q)^2 with q = clamp(round(w / scale), -limit, limit), for with few
/// levels it pays to clip (Hwang and Sung, "Fixed-point feedforward deep neural network design using weights +1, 0, and
/// -1", 2014). Among the scales k / 128 * magnitude / limit, k = 1, ..., 128, the best one; and then the best for its
/// q, which is sum(w q) / sum(q^2) and can only lower the error. `magnitude` is the largest, above 0.
[[nodiscard]] inline double least_squares_scale(std::span<const float> weights, float magnitude, int limit) noexcept {
  constexpr int ratios = 128;
  double best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (int k = ratios; k > 0; --k) {
    const double scale = double{magnitude} * k / (ratios * limit);
    double error = 0;
    double products = 0;
    double squares = 0;
    for (const float weight : weights) {
      const double q = nearest_weight(double{weight}, scale, limit);
      error += (double{weight} - scale * q) * (double{weight} - scale * q);
      products += double{weight} * q;
      squares += q * q;
    }
    if (error >= least) continue;
    least = error;
    best = products / squares;  // No scale is so large that all weights would be rounded to 0.
  }
  return best;
}

}  // namespace detail

/// Quantizes a weight tensor symmetrically: weight = round(w / scale), ties to even, from -`limit` to `limit`. The
/// scale is largest magnitude / `limit`, and for limits up to 7, of 4 bits and fewer, that of least squared error.
/// `scales` has one element for the whole tensor or one per output channel, the tensor's first axis. A dead channel
/// (all zero) gets scale 1. Throws `Error` with `not_finite`; `name` is the tensor's.
inline void quantize_weights(std::span<const float> weights, int limit, std::span<std::int8_t> quantized,
                             std::span<float> scales, const std::string& name) {
  const std::size_t part = weights.size() / scales.size();
  for (std::size_t channel = 0; channel < scales.size(); ++channel) {
    const std::span<const float> from = weights.subspan(channel * part, part);
    float magnitude = 0;
    for (const float weight : from) {
      if (!std::isfinite(weight)) raise(Error{ErrorCode::not_finite, name, "finite weights", "NaN or infinity"});
      magnitude = std::max(magnitude, std::abs(weight));
    }
    constexpr float smallest_scale = 1e-30F;  // Its inverse is still finite.
    constexpr int few = 7;                    // The limit of 4 bits.
    float scale = 1;
    if (magnitude > 0) {
      scale = limit > few ? magnitude / static_cast<float>(limit)
                          : static_cast<float>(detail::least_squares_scale(from, magnitude, limit));
      scale = std::max(scale, smallest_scale);
    }
    scales[channel] = scale;
    std::ranges::transform(from, quantized.subspan(channel * part, part).begin(), [&](float weight) {
      return static_cast<std::int8_t>(std::clamp(static_cast<int>(std::nearbyint(weight / scale)), -limit, limit));
    });
  }
}

}  // namespace attar
