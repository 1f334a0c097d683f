// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include <attar/quantize/value_statistics.hpp>

namespace attar {

/// Clips where the mean squared error of clipping and rounding together is least, over the histogram of magnitudes
/// (Sung et al., "Resiliency of deep neural networks under quantization", 2015; the "MSE" of most toolkits). Magnitudes
/// count as evenly spread within their bin, over which the error is integrated exactly; the limit is found to one bin,
/// at most 1/2048 of the largest magnitude.
struct SquaredError {
  [[nodiscard]] static float limit(const ValueStatistics& statistics, int levels) noexcept {
    const std::span<const std::uint64_t> histogram = statistics.histogram();
    std::size_t used = histogram.size();
    while (used > 0 && histogram[used - 1] == 0) --used;
    if (used == 0) return statistics.magnitude();
    const std::span<const std::uint64_t> counts = histogram.first(used);
    constexpr std::size_t stride = 8;  // First every eighth bin, then every one around the best.
    const std::size_t coarse = best_of(counts, levels, used, 1, stride);
    const std::size_t best =
        best_of(counts, levels, std::min(coarse + stride, used), coarse > stride ? coarse - stride : 1, 1);
    return std::min(static_cast<float>(best) * statistics.bin_width(), statistics.magnitude());
  }

 private:
  /// The best limit, in bins, among `from`, `from - stride`, ... not below `to`.
  static std::size_t best_of(std::span<const std::uint64_t> counts, int levels, std::size_t from, std::size_t to,
                             std::size_t stride) noexcept {
    std::size_t best = from;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t limit = from; limit >= to; limit -= std::min(stride, limit)) {
      const double clipping = error(counts.subspan(limit), limit, limit, levels);
      if (clipping > least) break;  // It only grows from here.
      const double all = clipping + error(counts.first(limit), 0, limit, levels);
      if (all < least) {
        least = all;
        best = limit;
      }
    }
    return best;
  }

  /// The squared error of the bins from number `first` on, summed up; the unit is a bin.
  static double error(std::span<const std::uint64_t> counts, std::size_t first, std::size_t limit,
                      int levels) noexcept {
    const auto clip = static_cast<double>(limit);
    const double step = clip / levels;
    // The integral of the squared error from 0 to x: of whole steps, and of the part around the last grid point.
    const auto integral = [&](double x) {
      const double point = x < clip ? std::nearbyint(x / step) : levels;
      const double rest = x - point * step;
      return point * step * step * step / 12 + rest * rest * rest / 3;
    };
    double sum = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      if (counts[i] == 0) continue;
      const auto edge = static_cast<double>(first + i);
      sum += static_cast<double>(counts[i]) * (integral(edge + 1) - integral(edge));
    }
    return sum;
  }
};

}  // namespace attar
