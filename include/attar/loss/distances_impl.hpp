// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>
#include <algorithm>

#include <attar/core/shape.hpp>
#include <attar/loss/distances.hpp>
#include <attar/loss/features.hpp>
#include <attar/loss/gram_state.hpp>

namespace attar::detail {

/// The distances between images, by the products of their features.
template <class Matrix>
Matrix distances_of(const Matrix& products) {
  const ColumnOf<Matrix> squares = products.diagonal();
  Matrix result = -2 * products;
  result.colwise() += squares;
  result.rowwise() += squares.transpose();
  return result.cwiseMax(0).cwiseSqrt();
}

/// 1 / x, and 0 for 0: images that coincide have no direction from one to the other.
template <class Matrix>
Matrix inverse_of(const Matrix& distances) {
  return distances.unaryExpr([](double x) { return x > 0 ? 1 / x : 0.0; });
}

template <class Matrix>
double compare_distances(const Matrix& student, const Matrix& teacher, Matrix& slope) {
  const auto pairs = static_cast<double>(student.size());
  const auto apart = [](const Matrix& all) { return std::max(static_cast<double>((all.array() > 0).count()), 1.0); };
  Matrix seen = distances_of(student);
  Matrix wanted = distances_of(teacher);
  const double count = apart(seen);
  const double mean = seen.sum() / count;
  const double wanted_mean = wanted.sum() / apart(wanted);
  if (mean > 0) seen /= mean;
  if (wanted_mean > 0) wanted /= wanted_mean;
  const Matrix difference = seen - wanted;
  const Matrix clamped = difference.cwiseMax(-1).cwiseMin(1);  // Huber's derivative.
  slope.setZero(student.rows(), student.cols());
  if (mean > 0) {
    // The second part is from the mean, by which all distances are divided.
    const double shared = clamped.cwiseProduct(seen).sum() / count;
    slope = inverse_of(seen).array() * (shared - clamped.array()) * (2 / (pairs * mean * mean));
    const ColumnOf<Matrix> sums = slope.rowwise().sum();
    slope.diagonal() -= sums;
  }
  return clamped.cwiseProduct(difference - clamped / 2).sum() / pairs;
}

}  // namespace attar::detail
