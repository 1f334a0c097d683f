// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <attar/core/rng.hpp>
#include <attar/prune/criterion.hpp>

namespace attar {

/// Chance: the control that every other criterion must beat. Another `Seed` removes others.
template <std::uint64_t SeedValue = 0>
struct Random {
  static constexpr Needs needs = Needs::nothing;

  template <class Scalar>
  static void weights(const LayerEvidence<Scalar>& layer, std::span<double> scores) {
    draw(2 * layer.number, scores);
  }
  template <class Scalar>
  static void filters(const LayerEvidence<Scalar>& layer, std::span<double> scores) {
    draw(2 * layer.number + 1, scores);
  }

 private:
  static void draw(std::uint64_t stream, std::span<double> scores) {
    Rng rng{Seed{SeedValue}, stream};
    for (double& score : scores) score = static_cast<double>(rng.uniform());
  }
};

}  // namespace attar
