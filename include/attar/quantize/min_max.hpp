// SPDX-License-Identifier: MIT
#pragma once

#include <attar/model/int8_scheme.hpp>
#include <attar/quantize/value_statistics.hpp>

namespace attar {

/// A calibrator is a type with `static float limit(const ValueStatistics&, int levels)`: the magnitude at which a
/// feature map is clipped, where `levels` quantized magnitudes (127 or 255, and between where there are zero points)
/// stand for (0, limit]. `Asymmetric` clips each end of the range at that magnitude; a calibrator that knows the two
/// ends better has `static ValueRange range(const ValueStatistics&)` too, 0 included.

/// Clips nothing: the largest magnitude that calibration saw. Simple, and good where activations have no outliers.
struct MinMax {
  [[nodiscard]] static float limit(const ValueStatistics& statistics, int) noexcept { return statistics.magnitude(); }
};

}  // namespace attar
