// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>

#include <attar/prune/criterion.hpp>

namespace attar {

/// The sum of -w dLoss/dw over a training run: weights that training moved away from zero stay, however small they are
/// (Sanh et al., "Movement pruning", NeurIPS 2020). Of weights alone; scores may be negative.
struct Movement {
  static constexpr Needs needs = Needs::trajectory;

  template <class Scalar>
  static void weights(const LayerEvidence<Scalar>& layer, std::span<double> scores) {
    detail::score_each(scores, [&](std::size_t i) { return detail::at(layer.movement, i); });
  }
};

}  // namespace attar
