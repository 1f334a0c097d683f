// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <span>

#include <attar/core/parallel.hpp>
#include <attar/detail/matrix_map.hpp>
#include <attar/loss/gram_state.hpp>

namespace attar::detail {

template <class T>
void CentredRows<T>::assign(const MatrixMap<const T>& features) {
  rows_ = features;
  mean_ = rows_.row(0);
  for (::Eigen::Index image = 1; image < rows_.rows(); ++image) mean_ += rows_.row(image);
  rows_.rowwise() -= mean_ / static_cast<T>(rows_.rows());
}

template <class T>
void UnitRows<T>::assign(const MatrixMap<const T>& features) {
  rows_ = features;
  inverse_norms_ = rows_.rowwise().norm().unaryExpr([](T norm) { return norm > T(1e-12) ? 1 / norm : T{0}; });
  rows_.array().colwise() *= inverse_norms_.array();
}

template <class T>
void UnitRows<T>::differentiate(ImageRows<T>& gradient) const {
  for (::Eigen::Index image = 0; image < rows_.rows(); ++image) {
    const T along = gradient.row(image).dot(rows_.row(image));
    gradient.row(image) = inverse_norms_[image] * (gradient.row(image) - along * rows_.row(image));
  }
}

/// Calls `body(first, count)` for a division of the images, on several threads.
template <class Body>
void for_image_ranges(::Eigen::Index images, Body&& body) {
  parallel_ranges(static_cast<std::size_t>(images), [&](std::size_t begin, std::size_t end, std::size_t) {
    body(static_cast<::Eigen::Index>(begin), static_cast<::Eigen::Index>(end - begin));
  });
}

template <class T, class Pairs>
void gram_products(const ImageRows<T>& rows, Pairs& products) {
  products.resize(rows.rows(), rows.rows());
  for_image_ranges(rows.rows(), [&](::Eigen::Index first, ::Eigen::Index count) {
    products.middleRows(first, count) =
        (rows.middleRows(first, count) * rows.transpose()).template cast<typename Pairs::Scalar>();
  });
}

template <class T, class Pairs>
void gram_gradient(double share, const Pairs& slope, const ImageRows<T>& rows, ImageRows<T>& gradient) {
  const ImageRows<T> scaled = (share * slope).template cast<T>();
  gradient.resize(rows.rows(), rows.cols());
  for_image_ranges(rows.rows(), [&](::Eigen::Index first, ::Eigen::Index count) {
    gradient.middleRows(first, count).noalias() = scaled.middleRows(first, count) * rows;
  });
}

template <class T>
void add_rows(const ImageRows<T>& rows, std::span<T> sum) {
  matrix_map(sum.data(), static_cast<std::size_t>(rows.rows()), static_cast<std::size_t>(rows.cols())) += rows;
}

}  // namespace attar::detail
