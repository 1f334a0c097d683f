// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include <attar/detail/whole_range.hpp>
#include <attar/prune/criterion.hpp>

namespace attar {

/// How often a channel is not exactly zero behind its norm and ReLU: 1 - APoZ (Hu et al., "Network trimming", 2016). Of
/// filters alone.
struct ZeroShare {
  static constexpr Needs needs = Needs::activations;

  template <class Scalar>
  static void filters(const LayerEvidence<Scalar>& layer, std::span<double> scores) {
    detail::score_each(scores, [&](std::size_t i) { return layer.zero_share.empty() ? 0.0 : 1 - layer.zero_share[i]; });
  }
};

/// The mean of a channel's absolute values behind its norm and activation (Molchanov et al. 2017, who look behind a
/// ReLU, where it is the mean). Of filters alone.
struct MeanActivation {
  static constexpr Needs needs = Needs::activations;

  template <class Scalar>
  static void filters(const LayerEvidence<Scalar>& layer, std::span<double> scores) {
    detail::copy(layer.mean_activation, scores.begin());
  }
};

}  // namespace attar
