// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <span>

#include <attar/prune/criterion.hpp>

namespace attar {

/// What the loss would change by, to first order and squared: (g w)^2 of a weight, (sum of g w)^2 of a filter
/// (Molchanov et al., "Importance estimation for neural network pruning", CVPR 2019).
struct Taylor {
  static constexpr Needs needs = Needs::gradients;

  template <class Scalar>
  static void weights(const LayerEvidence<Scalar>& layer, std::span<double> scores) {
    detail::score_each(scores, [&](std::size_t i) { return change(layer, i) * change(layer, i); });
  }
  template <class Scalar>
  static void filters(const LayerEvidence<Scalar>& layer, std::span<double> scores) {
    detail::sum_by_filter(layer, scores, [&](std::size_t i) { return change(layer, i); });
    for (double& score : scores) score *= score;
  }

 private:
  template <class Scalar>
  static double change(const LayerEvidence<Scalar>& layer, std::size_t i) {
    return detail::at(layer.gradients, i) * detail::at(layer.weights, i);
  }
};

/// |w g| of a weight (Lee et al., "SNIP: single-shot network pruning based on connection sensitivity", ICLR 2019), also
/// before any training; the sum of a filter.
struct Snip {
  static constexpr Needs needs = Needs::gradients;

  template <class Scalar>
  static void weights(const LayerEvidence<Scalar>& layer, std::span<double> scores) {
    detail::score_each(scores, [&](std::size_t i) { return sensitivity(layer, i); });
  }
  template <class Scalar>
  static void filters(const LayerEvidence<Scalar>& layer, std::span<double> scores) {
    detail::sum_by_filter(layer, scores, [&](std::size_t i) { return sensitivity(layer, i); });
  }

 private:
  template <class Scalar>
  static double sensitivity(const LayerEvidence<Scalar>& layer, std::size_t i) {
    return std::abs(detail::at(layer.gradients, i) * detail::at(layer.weights, i));
  }
};

/// h w^2 / 2 of a weight, where h is the Hessian's diagonal (LeCun, Denker and Solla, "Optimal brain damage", NIPS
/// 1989), here by `Evidence::curvature`; the sum of a filter.
struct OptimalBrainDamage {
  static constexpr Needs needs = Needs::gradients;

  template <class Scalar>
  static void weights(const LayerEvidence<Scalar>& layer, std::span<double> scores) {
    detail::score_each(scores, [&](std::size_t i) { return saliency(layer, i); });
  }
  template <class Scalar>
  static void filters(const LayerEvidence<Scalar>& layer, std::span<double> scores) {
    detail::sum_by_filter(layer, scores, [&](std::size_t i) { return saliency(layer, i); });
  }

 private:
  template <class Scalar>
  static double saliency(const LayerEvidence<Scalar>& layer, std::size_t i) {
    const double weight = detail::at(layer.weights, i);
    return detail::at(layer.curvature, i) * weight * weight / 2;
  }
};

}  // namespace attar
