// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

#include <attar/detail/whole_range.hpp>
#include <attar/prune/criterion.hpp>

namespace attar {

/// w^2, divided by the sum of the w^2 of its layer that are not smaller (Lee et al., "Layer-adaptive sparsity for the
/// magnitude-based pruning", ICLR 2021). Within a layer this is the order of magnitude; with the scope `Global` it
/// gives each layer a sparsity of its own, and no layer loses its largest weight before all others have lost theirs.
struct Lamp {
  static constexpr Needs needs = Needs::nothing;

  template <class Scalar>
  static void weights(const LayerEvidence<Scalar>& layer, std::span<double> scores) {
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    detail::sort(order, [&](std::size_t a, std::size_t b) {
      const Scalar first = std::abs(layer.weights[a]);
      const Scalar second = std::abs(layer.weights[b]);
      return first > second || (first == second && a < b);
    });
    double sum = 0;
    for (const std::size_t i : order) {
      const double weight = detail::at(layer.weights, i);
      sum += weight * weight;
      scores[i] = sum > 0 ? weight * weight / sum : 0;
    }
  }
};

}  // namespace attar
