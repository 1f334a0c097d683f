// SPDX-License-Identifier: MIT
#pragma once

#include <attar/core/shape.hpp>
#include <attar/loss/features.hpp>
#include <attar/loss/gram_state.hpp>

namespace attar {

namespace detail {

/// See `GramState`. The products are cosines.
template <class Matrix>
[[nodiscard]] double compare_correlations(const Matrix& student, const Matrix& teacher, Matrix& slope);

#ifdef ATTAR_COMPILED
extern template double compare_correlations(const PairMatrix&, const PairMatrix&, PairMatrix&);
#endif

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
  using State = detail::GramState<T, FeatureOptions<Options...>, detail::UnitRows,
                                  detail::compare_correlations<detail::PairMatrix>>;
};

}  // namespace attar

#ifndef ATTAR_COMPILED
#include <attar/loss/correlation_impl.hpp>
#endif
