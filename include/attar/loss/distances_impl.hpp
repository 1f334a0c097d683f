// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>
#include <algorithm>

#include <attar/core/shape.hpp>
#include <attar/detail/compiled.hpp>
#include <attar/loss/distances.hpp>
#include <attar/loss/features.hpp>
#include <attar/loss/gram_state.hpp>

namespace attar::detail {

/// The distances between images, by the products of their features.
inline PairMatrix distances_of(const PairMatrix& products) {
  const ::Eigen::VectorXd squares = products.diagonal();
  PairMatrix result = -2 * products;
  result.colwise() += squares;
  result.rowwise() += squares.transpose();
  return result.cwiseMax(0).cwiseSqrt();
}

/// 1 / x, and 0 for 0: images that coincide have no direction from one to the other.
inline PairMatrix inverse_of(const PairMatrix& distances) {
  return distances.unaryExpr([](double x) { return x > 0 ? 1 / x : 0.0; });
}

ATTAR_INLINE double compare_distances(const PairMatrix& student, const PairMatrix& teacher, PairMatrix& slope) {
  const auto pairs = static_cast<double>(student.size());
  const auto apart = [](const PairMatrix& all) {
    return std::max(static_cast<double>((all.array() > 0).count()), 1.0);
  };
  PairMatrix seen = distances_of(student);
  PairMatrix wanted = distances_of(teacher);
  const double count = apart(seen);
  const double mean = seen.sum() / count;
  const double wanted_mean = wanted.sum() / apart(wanted);
  if (mean > 0) seen /= mean;
  if (wanted_mean > 0) wanted /= wanted_mean;
  const PairMatrix difference = seen - wanted;
  const PairMatrix clamped = difference.cwiseMax(-1).cwiseMin(1);  // Huber's derivative.
  slope.setZero(student.rows(), student.cols());
  if (mean > 0) {
    // The second part is from the mean, by which all distances are divided.
    const double shared = clamped.cwiseProduct(seen).sum() / count;
    slope = inverse_of(seen).array() * (shared - clamped.array()) * (2 / (pairs * mean * mean));
    const ::Eigen::VectorXd sums = slope.rowwise().sum();
    slope.diagonal() -= sums;
  }
  return clamped.cwiseProduct(difference - clamped / 2).sum() / pairs;
}

}  // namespace attar::detail
