// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <attar/core/shape.hpp>
#include <attar/detail/matrix_map.hpp>
#include <attar/loss/features.hpp>
#include <attar/loss/gram_state.hpp>
#include <attar/loss/similarity.hpp>

namespace attar::detail {

template <class Matrix>
double compare_similarities(const Matrix& student, const Matrix& teacher, Matrix& slope) {
  const auto batch = static_cast<std::size_t>(student.rows());
  UnitRows<typename Matrix::Scalar> seen;
  UnitRows<typename Matrix::Scalar> wanted;
  seen.assign(matrix_map(student.data(), batch, batch));
  wanted.assign(matrix_map(teacher.data(), batch, batch));
  const auto pairs = static_cast<double>(student.size());
  Matrix by_product = seen.rows() - wanted.rows();
  const double loss = by_product.squaredNorm() / pairs;
  by_product *= 2 / pairs;
  seen.differentiate(by_product);
  slope = by_product + by_product.transpose();
  return loss;
}

}  // namespace attar::detail
