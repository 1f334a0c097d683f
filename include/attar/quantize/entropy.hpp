// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include <attar/model/int8_scheme.hpp>
#include <attar/quantize/value_statistics.hpp>

namespace attar {

/// Clips where the clipped and quantized distribution of magnitudes differs least from the true one, by
/// Kullback-Leibler divergence (Migacz, "8-bit inference with TensorRT", 2017): rare large numbers are given up for a
/// finer grid. Zeros are left out, for every grid has them.
struct Entropy {
  [[nodiscard]] static float limit(const ValueStatistics& statistics, int levels) {
    const std::span<const std::uint64_t> histogram = statistics.histogram();
    const auto steps = static_cast<std::size_t>(levels);
    std::size_t used = histogram.size();
    while (used > 0 && histogram[used - 1] == 0) --used;
    if (used <= steps) return statistics.magnitude();
    std::size_t best = used;
    double best_divergence = std::numeric_limits<double>::infinity();
    constexpr std::size_t stride = 8;  // Of 2048 bins and more: finer than any int8 grid can tell.
    for (std::size_t kept = used; kept >= steps; kept -= std::min(stride, kept)) {
      const double divergence = divergence_of(histogram.first(used), kept, steps);
      if (divergence < best_divergence) {
        best_divergence = divergence;
        best = kept;
      }
    }
    const float limit = static_cast<float>(best) * statistics.bin_width();
    return std::min(limit, statistics.magnitude());
  }

 private:
  /// The divergence between the histogram cut at `kept` bins, its tail added to the last, and the same in `steps`
  /// levels, each spread evenly over its bins that are not empty.
  static double divergence_of(std::span<const std::uint64_t> histogram, std::size_t kept, std::size_t steps) {
    double total = 0;
    for (const std::uint64_t count : histogram) total += static_cast<double>(count);
    double tail = 0;
    for (const std::uint64_t count : histogram.subspan(kept)) tail += static_cast<double>(count);
    const auto reference = [&](std::size_t bin) {
      return static_cast<double>(histogram[bin]) + (bin + 1 == kept ? tail : 0.0);
    };
    const double inside = total - tail;
    double divergence = 0;
    for (std::size_t level = 0; level < steps; ++level) {
      const std::size_t begin = kept * level / steps;
      const std::size_t end = kept * (level + 1) / steps;
      double mass = 0;
      double filled = 0;
      for (std::size_t bin = begin; bin < end; ++bin) {
        mass += static_cast<double>(histogram[bin]);
        filled += reference(bin) > 0 ? 1 : 0;
      }
      if (filled == 0) continue;
      if (mass == 0) return std::numeric_limits<double>::infinity();  // Only the tail: no level speaks for it.
      const double spread = mass / filled / inside;
      for (std::size_t bin = begin; bin < end; ++bin) {
        const double share = reference(bin) / total;
        if (share > 0) divergence += share * std::log(share / spread);
      }
    }
    return divergence;
  }
};

}  // namespace attar
