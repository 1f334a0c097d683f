// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <attar/core/error.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/model/weight_limit.hpp>

namespace attar {

/// Quantizes a weight tensor symmetrically: weight = round(w / scale), ties to even, from -`limit` to `limit`. The
/// scale is largest magnitude / `limit`, and for limits up to 7, of 4 bits and fewer, that of least squared error.
/// `scales` has one element for the whole tensor or one per output channel, the tensor's first axis. A dead channel
/// (all zero) gets scale 1. Throws `Error` with `not_finite`; `name` is the tensor's.
inline void quantize_weights(std::span<const float> weights, int limit, std::span<std::int8_t> quantized,
                             std::span<float> scales, const std::string& name) {
  const std::size_t part = weights.size() / scales.size();
  for (std::size_t channel = 0; channel < scales.size(); ++channel) {
    const std::span<const float> from = weights.subspan(channel * part, part);
    for (const float weight : from) {
      if (!std::isfinite(weight)) raise(Error{ErrorCode::not_finite, name, "finite weights", "NaN or infinity"});
    }
    const float scale = detail::step_of(detail::weight_limit(from, limit), limit);
    scales[channel] = scale;
    detail::transform(from, quantized.subspan(channel * part, part).begin(), [&](float weight) {
      return static_cast<std::int8_t>(std::clamp(static_cast<int>(std::nearbyint(weight / scale)), -limit, limit));
    });
  }
}

}  // namespace attar
