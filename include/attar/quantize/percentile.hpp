// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>

#include <attar/quantize/value_statistics.hpp>

namespace attar {

/// Clips the largest magnitudes: the share `Kept / Of` of all magnitudes above 0 stays below the limit. Known to a bin
/// of the histogram, at most 1/2048 of the largest magnitude, within which magnitudes count as evenly spread. Zeros do
/// not count, for every grid has them, and behind a ReLU their number says nothing of the others.
template <int Kept, int Of>
struct Percentile {
  static_assert(0 < Kept && Kept <= Of, "attar[E130]: Percentile keeps a share above 0 and at most 1");

  [[nodiscard]] static float limit(const ValueStatistics& statistics, int) noexcept {
    const std::span<const std::uint64_t> histogram = statistics.histogram();
    const std::uint64_t all = std::accumulate(histogram.begin(), histogram.end(), std::uint64_t{0});
    const double kept = static_cast<double>(all) * Kept / Of;
    double below = 0;
    for (std::size_t bin = 0; bin < histogram.size(); ++bin) {
      const auto count = static_cast<double>(histogram[bin]);
      if (count > 0 && below + count >= kept) {
        const double edge = static_cast<double>(bin) + (kept - below) / count;
        return std::min(static_cast<float>(edge * double{statistics.bin_width()}), statistics.magnitude());
      }
      below += count;
    }
    return statistics.magnitude();
  }
};

}  // namespace attar
