// SPDX-License-Identifier: MIT
#pragma once

#include <attar/model/int8_scheme.hpp>
#include <attar/quantize/value_statistics.hpp>

namespace attar {

/// A calibrator is a type with `static float limit(const ValueStatistics&, int levels)`: the magnitude at which a
/// feature map is clipped, where `levels` quantized magnitudes (127 or 255) stand for (0, limit].

/// Clips nothing: the largest magnitude that calibration saw. Simple, and good where activations have no outliers.
struct MinMax {
  [[nodiscard]] static float limit(const ValueStatistics& statistics, int) noexcept { return statistics.magnitude(); }
};

}  // namespace attar
