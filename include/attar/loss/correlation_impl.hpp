// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <attar/core/shape.hpp>
#include <attar/loss/correlation.hpp>
#include <attar/loss/features.hpp>
#include <attar/loss/gram_state.hpp>

namespace attar::detail {

template <class Matrix>
double compare_correlations(const Matrix& student, const Matrix& teacher, Matrix& slope) {
  constexpr double two_gamma = 2 * 0.4;
  const double scale = std::exp(-two_gamma);
  // |x - y|^2 = 2 - 2 cos for vectors of norm 1, and 1 + z + z^2 / 2 for exp(z), z = 2 gamma cos.
  const auto correlations = [&](const Matrix& cosines) {
    return scale * (1 + two_gamma * cosines.array() * (1 + two_gamma / 2 * cosines.array()));
  };
  const Matrix difference = correlations(student) - correlations(teacher);
  const auto pairs = static_cast<double>(student.size());
  slope = difference.array() * (1 + two_gamma * student.array()) * (4 * scale * two_gamma / pairs);
  return difference.squaredNorm() / pairs;
}

}  // namespace attar::detail
