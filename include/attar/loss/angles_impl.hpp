// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <vector>

#include <attar/core/parallel.hpp>
#include <attar/core/shape.hpp>
#include <attar/loss/angles.hpp>
#include <attar/loss/distances_impl.hpp>
#include <attar/loss/features.hpp>
#include <attar/loss/gram_state.hpp>

namespace attar::detail {

/// A network's products of features and the inverse distances between images, from which all angles follow.
template <class Matrix>
class AngleSource {
 public:
  using Cosines = ::Eigen::Array<typename Matrix::Scalar, 1, ::Eigen::Dynamic>;

  explicit AngleSource(const Matrix& products)
      : products_{products}, inverse_distances_{inverse_of(distances_of(products))} {}

  /// One divided by the distances of the image `at` to all.
  [[nodiscard]] auto inverse(::Eigen::Index at) const { return inverse_distances_.row(at); }
  /// Those of the angles between the way from the image `at` to `from` and the ways from `at` to every image; 0 where
  /// there is no way.
  void cosines(::Eigen::Index at, ::Eigen::Index from, Cosines& result) const {
    const double rest = products_(at, at) - products_(at, from);
    result = (products_.row(from).array() - products_.row(at).array() + rest) * inverse(at).array() * inverse(at)[from];
  }

 private:
  const Matrix& products_;
  Matrix inverse_distances_;
};

/// Adds what the angles at one image give to the sum of losses and, times `share`, to `slope`.
template <class Matrix>
double compare_angles_at(::Eigen::Index at, const AngleSource<Matrix>& student, const AngleSource<Matrix>& teacher,
                         double share, Matrix& slope) {
  const ::Eigen::Index batch = slope.rows();
  const auto inverse = student.inverse(at);
  typename AngleSource<Matrix>::Cosines seen(batch), wanted(batch), clamped(batch), coupling(batch);
  ColumnOf<Matrix> sums(batch);
  double loss = 0;
  for (::Eigen::Index from = 0; from < batch; ++from) {
    student.cosines(at, from, seen);
    teacher.cosines(at, from, wanted);
    wanted = seen - wanted;
    clamped = wanted.max(-1).min(1);  // Huber's derivative.
    loss += (clamped * (wanted - clamped / 2)).sum();
    // With e the ways and d their lengths, the derivative by e_j is the sum over k of 2 h_jk / d_j * (e_k / d_k -
    // cos_jk * e_j / d_j). A way is the difference of two images, so the image `at` gets the opposite of all.
    coupling = clamped * inverse.array() * (2 * share * inverse[from]);
    const double along = 2 * share * inverse[from] * inverse[from] * (clamped * seen).sum();
    slope.row(from).array() += coupling;
    slope(from, from) -= along;
    sums[from] = coupling.sum() - along;
  }
  slope.row(at) -= sums.transpose();
  slope.col(at) -= sums;
  slope(at, at) += sums.sum();
  return loss;
}

template <class Matrix>
double compare_angles(const Matrix& student, const Matrix& teacher, Matrix& slope) {
  const AngleSource seen{student};
  const AngleSource wanted{teacher};
  const ::Eigen::Index batch = student.rows();
  const double share = 1 / (static_cast<double>(batch) * static_cast<double>(student.size()));
  const auto threads = static_cast<std::size_t>(thread_count());
  std::vector<Matrix> slopes(threads, Matrix::Zero(batch, batch));
  std::vector<double> losses(threads);
  parallel_ranges(static_cast<std::size_t>(batch), [&](std::size_t begin, std::size_t end, std::size_t thread) {
    for (std::size_t at = begin; at < end; ++at) {
      losses[thread] += compare_angles_at(static_cast<::Eigen::Index>(at), seen, wanted, share, slopes[thread]);
    }
  });
  slope.setZero(batch, batch);
  double loss = 0;
  for (std::size_t thread = 0; thread < threads; ++thread) {
    slope += slopes[thread];
    loss += losses[thread];
  }
  return share * loss;
}

}  // namespace attar::detail
