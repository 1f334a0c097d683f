// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <span>

#include <attar/core/rng.hpp>

namespace attar {

/// How much a filter matters: a type with
///
///     template <class Scalar>
///     static double score(std::span<const Scalar> filter, std::uint64_t number);
///
/// where `number` is another one for each filter of the network. The filters with the largest scores stay. Scores are
/// only compared within a layer: they are divided by the layer's mean before those of several layers are added.
template <class C>
concept FilterCriterion = requires(std::span<const float> filter, std::uint64_t number) {
  { C::score(filter, number) } -> std::convertible_to<double>;
};

/// The sum of a filter's absolute weights (Li et al. 2017).
struct L1Norm {
  template <class Scalar>
  static double score(std::span<const Scalar> filter, std::uint64_t) {
    double sum = 0;
    for (const Scalar weight : filter) sum += std::abs(static_cast<double>(weight));
    return sum;
  }
};

/// The root of the sum of a filter's squared weights.
struct L2Norm {
  template <class Scalar>
  static double score(std::span<const Scalar> filter, std::uint64_t) {
    double sum = 0;
    for (const Scalar weight : filter) sum += static_cast<double>(weight) * static_cast<double>(weight);
    return std::sqrt(sum);
  }
};

/// Chance: the control that every other criterion must beat. Another `Seed` removes other filters.
template <std::uint64_t SeedValue = 0>
struct Random {
  template <class Scalar>
  static double score(std::span<const Scalar>, std::uint64_t number) {
    return static_cast<double>(Rng{Seed{SeedValue}, number}.uniform());
  }
};

}  // namespace attar
