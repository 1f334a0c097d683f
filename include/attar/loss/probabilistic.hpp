// SPDX-License-Identifier: MIT
#pragma once

#include <attar/core/shape.hpp>
#include <attar/loss/features.hpp>
#include <attar/loss/gram_state.hpp>

namespace attar {

namespace detail {

/// See `GramState`. The products are cosines.
template <class Matrix>
[[nodiscard]] double compare_probabilities(const Matrix& student, const Matrix& teacher, Matrix& slope);

#ifdef ATTAR_COMPILED
extern template double compare_probabilities(const PairMatrix&, const PairMatrix&, PairMatrix&);
#endif

}  // namespace detail

/// Probabilistic knowledge transfer, PKT (Passalis and Tefas, "Learning deep representations with probabilistic
/// knowledge transfer", ECCV 2018): how probable it is to find one image beside another, (1 + cosine of their features)
/// / 2 divided by its sum over all images of the batch, should be the teacher's. The loss is pt * log(pt / ps), the
/// mean over all batch^2 pairs. Feature maps are taken as vectors; any shapes.
///
/// Options: `Tap` (one or two; usually what goes into the last `Linear`), `Weight` (default 1; usual is 30000, for the
/// numbers are small).
///
///     ProbabilisticTransfer<Tap<"pooled">, Weight<30000>>
template <class... Options>
struct ProbabilisticTransfer : FeatureOptions<Options...> {
  template <class T>
  using State = detail::GramState<T, FeatureOptions<Options...>, detail::UnitRows,
                                  detail::compare_probabilities<detail::PairMatrix>>;
};

}  // namespace attar

#ifndef ATTAR_COMPILED
#include <attar/loss/probabilistic_impl.hpp>
#endif
