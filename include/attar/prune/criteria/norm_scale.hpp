// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <span>

#include <attar/prune/criterion.hpp>

namespace attar {

/// |gamma| of the batch normalization behind a filter (Liu et al., "Learning efficient convolutional networks through
/// network slimming", ICCV 2017; best after training with an L1 penalty on gamma). Of filters alone. A layer that no
/// norm, or not a norm alone, reads has no say; of channels of which no layer has one, the first stay.
struct NormScale {
  static constexpr Needs needs = Needs::nothing;

  template <class Scalar>
  static void filters(const LayerEvidence<Scalar>& layer, std::span<double> scores) {
    const bool normed = !layer.norm_scale.empty();
    detail::score_each(scores, [&](std::size_t i) { return normed ? std::abs(detail::at(layer.norm_scale, i)) : 0.0; });
  }
};

}  // namespace attar
