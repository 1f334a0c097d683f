// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <span>

#include <attar/quantize/value_statistics.hpp>

namespace attar {

/// Clips at the moving average of the images' ranges (Jacob et al. 2018, section 3.1; PyTorch's
/// `MovingAverageMinMaxObserver` at batch 1): both ends start with the first image and move by `Share / Of` of the
/// distance to those of each further image. It goes by image, whatever the batches, but later images count more: give
/// images in random order, and more than `Of / Share` of them, or the first one weighs most.
template <int Share = 1, int Of = 100>
struct MovingAverage {
  static_assert(0 < Share && Share <= Of, "attar[E131]: MovingAverage takes a share above 0 and at most 1");

  [[nodiscard]] static float limit(const ValueStatistics& statistics, int) noexcept {
    const ValueRange ends = range(statistics);
    return std::max(-ends.smallest, ends.largest);
  }
  [[nodiscard]] static ValueRange range(const ValueStatistics& statistics) noexcept {
    const std::span<const ValueRange> images = statistics.images();
    if (images.empty()) return {};
    double smallest = images.front().smallest;
    double largest = images.front().largest;
    for (const ValueRange& image : images) {
      constexpr double share = static_cast<double>(Share) / Of;
      smallest += share * (image.smallest - smallest);
      largest += share * (image.largest - largest);
    }
    return {static_cast<float>(std::min(smallest, 0.0)), static_cast<float>(std::max(largest, 0.0))};
  }
};

}  // namespace attar
