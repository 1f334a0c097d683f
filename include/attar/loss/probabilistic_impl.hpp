// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <attar/core/shape.hpp>
#include <attar/loss/features.hpp>
#include <attar/loss/gram_state.hpp>
#include <attar/loss/probabilistic.hpp>

namespace attar::detail {

template <class Matrix>
double compare_probabilities(const Matrix& student, const Matrix& teacher, Matrix& slope) {
  constexpr double tiny = 1e-7;  // As in the authors' code: keeps opposite images from infinity.
  // Rounding can lead a little below -1.
  const auto similarities = [](const Matrix& cosines) -> Matrix { return ((cosines.array() + 1) / 2).max(0); };
  Matrix seen = similarities(student);
  Matrix wanted = similarities(teacher);
  const ColumnOf<Matrix> sums = seen.rowwise().sum();
  seen.array().colwise() /= sums.array();
  const ColumnOf<Matrix> wanted_sums = wanted.rowwise().sum();
  wanted.array().colwise() /= wanted_sums.array();
  const auto pairs = static_cast<double>(student.size());
  Matrix by_cosine = wanted.array() / ((seen.array() + tiny) * -pairs);
  // What changes one similarity changes the sum by which its row is divided.
  const ColumnOf<Matrix> shared = by_cosine.cwiseProduct(seen).rowwise().sum();
  by_cosine.colwise() -= shared;
  by_cosine.array().colwise() /= 2 * sums.array();
  slope = by_cosine + by_cosine.transpose();
  return (wanted.array() * ((wanted.array() + tiny) / (seen.array() + tiny)).log()).sum() / pairs;
}

}  // namespace attar::detail
