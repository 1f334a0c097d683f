// SPDX-License-Identifier: MIT
#pragma once

#include <attar/core/shape.hpp>
#include <attar/loss/features.hpp>
#include <attar/loss/gram_state.hpp>

namespace attar {

namespace detail {

/// See `GramState`.
template <class Matrix>
[[nodiscard]] double compare_angles(const Matrix& student, const Matrix& teacher, Matrix& slope);

#ifdef ATTAR_COMPILED
extern template double compare_angles(const PairMatrix&, const PairMatrix&, PairMatrix&);
#endif

}  // namespace detail

/// Relational distillation of angles (Park, Kim, Lu and Cho, "Relational knowledge distillation", CVPR 2019): the
/// cosines of the angles in the triangles that any three images of a batch form should be the teacher's. The loss is
/// Huber's, x^2 / 2 up to 1 and |x| - 1/2 beyond, of the differences, the mean over all batch^3 triples. Feature maps
/// are taken as vectors; any shapes. Time grows with the batch to the third power, but not by the features: all angles
/// are had from the images' products.
///
/// Options: `Tap` (one or two; usually what goes into the last `Linear`), `Weight` (default 1; usual is 50, with
/// `Distances` at 25).
///
///     Angles<Tap<"pooled">, Weight<50>>
template <class... Options>
struct Angles : FeatureOptions<Options...> {
  template <class T>
  using State =
      detail::GramState<T, FeatureOptions<Options...>, detail::CentredRows, detail::compare_angles<detail::PairMatrix>>;
};

}  // namespace attar

#ifndef ATTAR_COMPILED
#include <attar/loss/angles_impl.hpp>
#endif
