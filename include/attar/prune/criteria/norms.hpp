// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <span>

#include <attar/prune/criterion.hpp>

namespace attar {

/// Magnitude: |w| of a weight (Han et al. 2015), the sum of |w| of a filter (Li et al. 2017).
struct L1Norm {
  static constexpr Needs needs = Needs::nothing;

  template <class Scalar>
  static void weights(const LayerEvidence<Scalar>& layer, std::span<double> scores) {
    detail::score_each(scores, [&](std::size_t i) { return std::abs(detail::at(layer.weights, i)); });
  }
  template <class Scalar>
  static void filters(const LayerEvidence<Scalar>& layer, std::span<double> scores) {
    detail::sum_by_filter(layer, scores, [&](std::size_t i) { return std::abs(detail::at(layer.weights, i)); });
  }
};

/// w^2 of a weight: the order of `L1Norm`, but where weights are added up to blocks. The root of the sum of w^2 of a
/// filter.
struct L2Norm {
  static constexpr Needs needs = Needs::nothing;

  template <class Scalar>
  static void weights(const LayerEvidence<Scalar>& layer, std::span<double> scores) {
    detail::score_each(scores, [&](std::size_t i) { return square(detail::at(layer.weights, i)); });
  }
  template <class Scalar>
  static void filters(const LayerEvidence<Scalar>& layer, std::span<double> scores) {
    detail::sum_by_filter(layer, scores, [&](std::size_t i) { return square(detail::at(layer.weights, i)); });
    for (double& score : scores) score = std::sqrt(score);
  }

 private:
  static double square(double x) { return x * x; }
};

}  // namespace attar
