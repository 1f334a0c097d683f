// SPDX-License-Identifier: MIT
#pragma once

#include <attar/core/shape.hpp>
#include <attar/loss/features.hpp>
#include <attar/loss/gram_state.hpp>

namespace attar {

namespace detail {

/// See `GramState`.
template <class Matrix>
[[nodiscard]] double compare_distances(const Matrix& student, const Matrix& teacher, Matrix& slope);

#ifdef ATTAR_COMPILED
extern template double compare_distances(const PairMatrix&, const PairMatrix&, PairMatrix&);
#endif

}  // namespace detail

/// Relational distillation of distances (Park, Kim, Lu and Cho, "Relational knowledge distillation", CVPR 2019): the
/// distances between the images of a batch, divided by their mean over the pairs that are apart, should be the
/// teacher's. The loss is Huber's, x^2 / 2 up to 1 and |x| - 1/2 beyond, of the differences, the mean over all
/// batch^2 pairs. Feature maps are taken as vectors; any shapes.
///
/// Options: `Tap` (one or two; usually what goes into the last `Linear`), `Weight` (default 1; usual is 25, with
/// `Angles` at 50).
///
///     Distances<Tap<"pooled">, Weight<25>>
template <class... Options>
struct Distances : FeatureOptions<Options...> {
  template <class T>
  using State = detail::GramState<T, FeatureOptions<Options...>, detail::CentredRows,
                                  detail::compare_distances<detail::PairMatrix>>;
};

}  // namespace attar

#ifndef ATTAR_COMPILED
#include <attar/loss/distances_impl.hpp>
#endif
