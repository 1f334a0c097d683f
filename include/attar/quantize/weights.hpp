// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <attar/core/error.hpp>

namespace attar {

/// Quantizes a weight tensor symmetrically: scale = largest magnitude / `limit`, weight = round(w / scale), ties to
/// even. `scales` has one element for the whole tensor or one per output channel, the tensor's first axis. A dead
/// channel (all zero) gets scale 1. Throws `Error` with `not_finite`; `name` is the tensor's.
inline void quantize_weights(std::span<const float> weights, int limit, std::span<std::int8_t> quantized,
                             std::span<float> scales, const std::string& name) {
  const std::size_t part = weights.size() / scales.size();
  for (std::size_t channel = 0; channel < scales.size(); ++channel) {
    const std::span<const float> from = weights.subspan(channel * part, part);
    float magnitude = 0;
    for (const float weight : from) {
      if (!std::isfinite(weight)) throw Error{ErrorCode::not_finite, name, "finite weights", "NaN or infinity"};
      magnitude = std::max(magnitude, std::abs(weight));
    }
    constexpr float smallest_scale = 1e-30F;  // Its inverse is still finite.
    const float scale = magnitude > 0 ? std::max(magnitude / static_cast<float>(limit), smallest_scale) : 1.0F;
    scales[channel] = scale;
    std::ranges::transform(from, quantized.subspan(channel * part, part).begin(), [&](float weight) {
      return static_cast<std::int8_t>(std::clamp(static_cast<int>(std::nearbyint(weight / scale)), -limit, limit));
    });
  }
}

}  // namespace attar
