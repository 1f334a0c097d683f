// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <span>

#include <attar/prune/criterion.hpp>

namespace attar {

/// The sum of the distances (L2) of a filter to all others of its layer: those near the geometric median go, for the
/// others can stand for them (He et al., "Filter pruning via geometric median", CVPR 2019). Of filters alone.
struct GeometricMedian {
  static constexpr Needs needs = Needs::nothing;

  template <class Scalar>
  static void filters(const LayerEvidence<Scalar>& layer, std::span<double> scores) {
    for (double& score : scores) score = 0;
    for (std::size_t a = 0; a < layer.filters; ++a) {
      for (std::size_t b = a + 1; b < layer.filters; ++b) {
        const double far = distance(layer.filter(layer.weights, a), layer.filter(layer.weights, b));
        scores[a] += far;
        scores[b] += far;
      }
    }
  }

 private:
  template <class Scalar>
  static double distance(std::span<const Scalar> a, std::span<const Scalar> b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      const double difference = detail::at(a, i) - detail::at(b, i);
      sum += difference * difference;
    }
    return std::sqrt(sum);
  }
};

}  // namespace attar
