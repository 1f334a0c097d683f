// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <type_traits>

namespace attar::detail {

/// A matrix whose numbers lie row by row; const where `T` is.
template <class T>
using RowMajorMatrix = std::conditional_t<
    std::is_const_v<T>,
    const ::Eigen::Matrix<std::remove_const_t<T>, ::Eigen::Dynamic, ::Eigen::Dynamic, ::Eigen::RowMajor>,
    ::Eigen::Matrix<std::remove_const_t<T>, ::Eigen::Dynamic, ::Eigen::Dynamic, ::Eigen::RowMajor>>;

/// Such a matrix in memory that is not Eigen's. `T` may be const.
template <class T>
using MatrixMap = ::Eigen::Map<RowMajorMatrix<T>>;

/// `rows` x `columns` numbers from `data` on.
template <class T>
[[nodiscard]] MatrixMap<T> matrix_map(T* data, std::size_t rows, std::size_t columns) {
  return MatrixMap<T>{data, static_cast<::Eigen::Index>(rows), static_cast<::Eigen::Index>(columns)};
}

/// The rows' sums of squares are of the matrix's type, which is fast; their sum is double.
template <class Matrix>
[[nodiscard]] double sum_of_squares(const Matrix& matrix) {
  double sum = 0;
  for (::Eigen::Index i = 0; i < matrix.rows(); ++i) sum += static_cast<double>(matrix.row(i).squaredNorm());
  return sum;
}

}  // namespace attar::detail
