// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <attar/core/shape.hpp>
#include <attar/loss/features.hpp>
#include <attar/loss/gram_state.hpp>

namespace attar {

namespace detail {

/// See `GramState`. The products are cosines.
inline double compare_correlations(const PairMatrix& student, const PairMatrix& teacher, PairMatrix& slope) {
  constexpr double two_gamma = 2 * 0.4;
  const double scale = std::exp(-two_gamma);
  // |x - y|^2 = 2 - 2 cos for vectors of norm 1, and 1 + z + z^2 / 2 for exp(z), z = 2 gamma cos.
  const auto correlations = [&](const PairMatrix& cosines) {
    return scale * (1 + two_gamma * cosines.array() * (1 + two_gamma / 2 * cosines.array()));
  };
  const PairMatrix difference = correlations(student) - correlations(teacher);
  const auto pairs = static_cast<double>(student.size());
  slope = difference.array() * (1 + two_gamma * student.array()) * (4 * scale * two_gamma / pairs);
  return difference.squaredNorm() / pairs;
}

}  // namespace detail

/// Correlation congruence (Peng et al., "Correlation congruence for knowledge distillation", ICCV 2019): how alike the
/// images of a batch are, by the Gaussian kernel exp(-gamma |x - y|^2) of their features divided by their norms, should
/// be the teacher's. gamma is 0.4, and the kernel is its Taylor series up to the second order, as there. The loss is
/// the squared difference, the mean over all batch^2 pairs. Feature maps are taken as vectors; any shapes.
///
/// Options: `Tap` (one or two; usually what goes into the last `Linear`), `Weight` (default 1; usual is 100).
///
///     CorrelationCongruence<Tap<"pooled">, Weight<100>>
template <class... Options>
struct CorrelationCongruence : FeatureOptions<Options...> {
  template <class T>
  using State = detail::GramState<T, FeatureOptions<Options...>, detail::UnitRows, detail::compare_correlations>;
};

}  // namespace attar
