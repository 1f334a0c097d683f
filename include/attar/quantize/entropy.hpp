// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include <attar/model/int8_scheme.hpp>
#include <attar/quantize/value_statistics.hpp>

namespace attar {

/// Clips where the clipped and quantized distribution of magnitudes differs least from the true one, by
/// Kullback-Leibler divergence (Migacz, "8-bit inference with TensorRT", 2017): rare large numbers are given up for a
/// finer grid. Zeros are left out, for every grid has them. Single magnitudes that stand far above their neighbours are
/// lowered first: they are what a constant background becomes, which any grid represents to half a step, but which the
/// divergence would have on a step of its own at any price.
struct Entropy {
  [[nodiscard]] static float limit(const ValueStatistics& statistics, int levels) {
    const std::vector<double> density = without_spikes(statistics.histogram());
    const auto steps = static_cast<std::size_t>(levels);
    if (density.size() <= steps) return statistics.magnitude();
    std::size_t best = density.size();
    double best_divergence = std::numeric_limits<double>::infinity();
    constexpr std::size_t stride = 8;  // Of 2048 bins and more: finer than any int8 grid can tell.
    for (std::size_t kept = density.size(); kept >= steps; kept -= std::min(stride, kept)) {
      const double divergence = divergence_of(density, kept, steps);
      if (divergence < best_divergence) {
        best_divergence = divergence;
        best = kept;
      }
    }
    const float limit = static_cast<float>(best) * statistics.bin_width();
    return std::min(limit, statistics.magnitude());
  }

 private:
  /// The histogram up to its last bin that is not empty; no bin holds more than four times the mean of those around it
  /// and more than the mean of all.
  static std::vector<double> without_spikes(std::span<const std::uint64_t> histogram) {
    std::size_t used = histogram.size();
    while (used > 0 && histogram[used - 1] == 0) --used;
    std::vector<double> sums(used + 1);
    for (std::size_t i = 0; i < used; ++i) sums[i + 1] = sums[i] + static_cast<double>(histogram[i]);
    std::vector<double> result(used);
    for (std::size_t i = 0; i < used; ++i) {
      constexpr std::size_t reach = 16;
      const std::size_t begin = i < reach ? 0 : i - reach;
      const std::size_t end = std::min(i + reach + 1, used);
      const auto count = static_cast<double>(histogram[i]);
      const double around = (sums[end] - sums[begin] - count) / static_cast<double>(end - begin);
      result[i] = std::min(count, std::max(4 * around, sums[used] / static_cast<double>(used)));
    }
    return result;
  }

  /// The divergence between the distribution cut at `kept` bins, its tail added to the last, and the same in `steps`
  /// levels, each spread evenly over its bins that are not empty.
  static double divergence_of(std::span<const double> density, std::size_t kept, std::size_t steps) {
    const double inside = std::accumulate(density.begin(), density.begin() + static_cast<std::ptrdiff_t>(kept), 0.0);
    const double tail = std::accumulate(density.begin() + static_cast<std::ptrdiff_t>(kept), density.end(), 0.0);
    const auto reference = [&](std::size_t bin) { return density[bin] + (bin + 1 == kept ? tail : 0.0); };
    double divergence = 0;
    for (std::size_t level = 0; level < steps; ++level) {
      const std::size_t begin = kept * level / steps;
      const std::size_t end = kept * (level + 1) / steps;
      double mass = 0;
      double filled = 0;
      for (std::size_t bin = begin; bin < end; ++bin) {
        mass += density[bin];
        filled += reference(bin) > 0 ? 1 : 0;
      }
      if (filled == 0) continue;
      if (mass == 0) return std::numeric_limits<double>::infinity();  // Only the tail: no level speaks for it.
      const double spread = mass / filled / inside;
      for (std::size_t bin = begin; bin < end; ++bin) {
        const double share = reference(bin) / (inside + tail);
        if (share > 0) divergence += share * std::log(share / spread);
      }
    }
    return divergence;
  }
};

}  // namespace attar
