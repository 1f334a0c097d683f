// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <span>
#include <vector>

namespace attar {

/// k-means in one dimension (Lloyd 1982): ascending centroids, at most `clusters` of them, of finite numbers in any
/// order. They begin evenly spaced from the smallest number to the largest, which keeps the few large weights apart and
/// served networks best (Han et al., ICLR 2016, section 3.2), and move to the mean of the numbers nearest to them until
/// none changes sides. Those that nothing is nearest to are left out: few weights are near zero after pruning. The same
/// numbers give the same centroids. In O(n log n), and O(clusters log n) per round.
[[nodiscard]] inline std::vector<double> k_means(std::vector<double> numbers, std::size_t clusters) {
  if (numbers.empty() || clusters == 0) return {};
  std::sort(numbers.begin(), numbers.end());
  std::vector<double> sums{0};
  for (const double number : numbers) sums.push_back(sums.back() + number);

  std::vector<double> centroids;
  for (std::size_t i = 0; i < clusters; ++i) {
    const double place = clusters == 1 ? 0 : static_cast<double>(i) / static_cast<double>(clusters - 1);
    centroids.push_back(numbers.front() + place * (numbers.back() - numbers.front()));
  }
  std::vector<std::size_t> ends(clusters, numbers.size());
  std::vector<std::size_t> before;
  // Each round lowers the error, so it ends; the limit is for rounding errors that could go round in circles.
  for (int round = 0; round < 10'000 && ends != before; ++round) {
    before = ends;
    for (std::size_t i = 0; i + 1 < clusters; ++i) {
      const double middle = (centroids[i] + centroids[i + 1]) / 2;
      ends[i] = static_cast<std::size_t>(std::upper_bound(numbers.begin(), numbers.end(), middle) - numbers.begin());
    }
    std::size_t begin = 0;
    for (std::size_t i = 0; i < clusters; begin = ends[i++]) {
      if (begin == ends[i]) continue;
      const double mean = (sums[ends[i]] - sums[begin]) / static_cast<double>(ends[i] - begin);
      centroids[i] = std::clamp(mean, numbers[begin], numbers[ends[i] - 1]);
    }
  }
  std::vector<double> used;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < clusters; begin = ends[i++]) {
    if (begin != ends[i]) used.push_back(centroids[i]);
  }
  return used;
}

/// The place of the centroid that is nearest to a number; of two equally near ones, the lower.
[[nodiscard]] inline std::size_t nearest_centroid(std::span<const double> centroids, double number) {
  const auto above = std::lower_bound(centroids.begin(), centroids.end(), number);
  if (above == centroids.begin()) return 0;
  const auto below = std::prev(above);
  const bool lower = above == centroids.end() || number <= (*below + *above) / 2;
  return static_cast<std::size_t>((lower ? below : above) - centroids.begin());
}

}  // namespace attar
