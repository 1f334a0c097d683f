// SPDX-License-Identifier: MIT
#pragma once

#include <span>

#include <attar/loss/objective.hpp>

namespace attar {

/// The sum of weighted loss terms: what a student is taught with. Terms of weight zero cost nothing.
///
///     using Objective = Distill<SoftTargets<Temperature<4>, Weight<9, 10>>, HardLabels<Weight<1, 10>>>;
template <LossTerm... Terms>
struct Distill {
  static_assert(sizeof...(Terms) > 0, "attar[E050]: an objective has at least one term, such as HardLabels<>");

  static constexpr bool needs_teacher = (Terms::needs_teacher || ...);

  /// See `LossTerm`.
  template <class T>
  double add(const LossInputs<T>& inputs, std::span<T> gradient) const {
    return (Terms{}.add(inputs, gradient) + ...);
  }
};

}  // namespace attar
