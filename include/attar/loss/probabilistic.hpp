// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <attar/core/shape.hpp>
#include <attar/loss/features.hpp>
#include <attar/loss/gram_state.hpp>

namespace attar {

namespace detail {

/// See `GramState`. The products are cosines.
inline double compare_probabilities(const PairMatrix& student, const PairMatrix& teacher, PairMatrix& slope) {
  constexpr double tiny = 1e-7;  // As in the authors' code: keeps opposite images from infinity.
  // Rounding can lead a little below -1.
  const auto similarities = [](const PairMatrix& cosines) -> PairMatrix { return ((cosines.array() + 1) / 2).max(0); };
  PairMatrix seen = similarities(student);
  PairMatrix wanted = similarities(teacher);
  const ::Eigen::VectorXd sums = seen.rowwise().sum();
  seen.array().colwise() /= sums.array();
  const ::Eigen::VectorXd wanted_sums = wanted.rowwise().sum();
  wanted.array().colwise() /= wanted_sums.array();
  const auto pairs = static_cast<double>(student.size());
  PairMatrix by_cosine = wanted.array() / ((seen.array() + tiny) * -pairs);
  // What changes one similarity changes the sum by which its row is divided.
  const ::Eigen::VectorXd shared = by_cosine.cwiseProduct(seen).rowwise().sum();
  by_cosine.colwise() -= shared;
  by_cosine.array().colwise() /= 2 * sums.array();
  slope = by_cosine + by_cosine.transpose();
  return (wanted.array() * ((wanted.array() + tiny) / (seen.array() + tiny)).log()).sum() / pairs;
}

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
  using State = detail::GramState<T, FeatureOptions<Options...>, detail::UnitRows, detail::compare_probabilities>;
};

}  // namespace attar
