// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <span>

#include <attar/core/parallel.hpp>
#include <attar/detail/matrix_map.hpp>
#include <attar/loss/features.hpp>

namespace attar::detail {

/// A matrix with a row per image.
template <class T>
using ImageRows = ::Eigen::Matrix<T, ::Eigen::Dynamic, ::Eigen::Dynamic, ::Eigen::RowMajor>;

/// A number for each pair of images, batch x batch.
using PairMatrix = ImageRows<double>;

/// Images' features less their mean over the batch, for terms that look at differences of images alone: products of
/// what is centred leave more digits for the differences.
template <class T>
class CentredRows {
 public:
  void assign(const MatrixMap<const T>& features) {
    rows_ = features;
    mean_ = rows_.row(0);
    for (::Eigen::Index image = 1; image < rows_.rows(); ++image) mean_ += rows_.row(image);
    rows_.rowwise() -= mean_ / static_cast<T>(rows_.rows());
  }
  [[nodiscard]] const ImageRows<T>& rows() const noexcept { return rows_; }

  /// Makes the gradient with respect to the rows that with respect to the features. It is the same: a term that knows
  /// differences alone has a gradient without a mean.
  void differentiate(ImageRows<T>& /*gradient*/) const noexcept {}

 private:
  ImageRows<T> rows_;
  ::Eigen::Matrix<T, 1, ::Eigen::Dynamic> mean_;
};

/// Images' features divided by their norms. Features that are all zero have no direction: they stay zero and get no
/// gradient.
template <class T>
class UnitRows {
 public:
  void assign(const MatrixMap<const T>& features) {
    rows_ = features;
    inverse_norms_ = rows_.rowwise().norm().unaryExpr([](T norm) { return norm > T(1e-12) ? 1 / norm : T{0}; });
    rows_.array().colwise() *= inverse_norms_.array();
  }
  [[nodiscard]] const ImageRows<T>& rows() const noexcept { return rows_; }

  /// Makes the gradient with respect to the rows that with respect to the features.
  void differentiate(ImageRows<T>& gradient) const {
    for (::Eigen::Index image = 0; image < rows_.rows(); ++image) {
      const T along = gradient.row(image).dot(rows_.row(image));
      gradient.row(image) = inverse_norms_[image] * (gradient.row(image) - along * rows_.row(image));
    }
  }

 private:
  ImageRows<T> rows_;
  ::Eigen::Matrix<T, ::Eigen::Dynamic, 1> inverse_norms_;
};

/// The work of a term that compares images with each other by the products of their features, student's with teacher's.
/// `Options` are its `FeatureOptions`, `Rows` makes the features ready (`CentredRows` or `UnitRows`), and
/// `Compare(student, teacher, slope)` returns the loss for two matrices of products X X^T and writes the symmetric
/// matrix S for which S X is the gradient with respect to the student's X, twice the derivative by the products.
template <class T, class Options, template <class> class Rows, auto Compare>
class GramState final : public FeatureState<T> {
 public:
  explicit GramState(const FeatureContext& /*context*/) {}

  double add(const FeatureInputs<T>& inputs, std::span<T> gradient) override {
    const double share = Options::weight(inputs.progress) * inputs.mean_weight();
    multiply(inputs.student, student_, student_products_);
    multiply(inputs.teacher, teacher_, teacher_products_);
    const double loss = Compare(student_products_, teacher_products_, slope_);
    const ImageRows<T> slope = (share * slope_).template cast<T>();
    const ImageRows<T>& rows = student_.rows();
    rows_gradient_.resize(rows.rows(), rows.cols());
    for_parts(inputs.student.batch, [&](::Eigen::Index first, ::Eigen::Index count) {
      rows_gradient_.middleRows(first, count).noalias() = slope.middleRows(first, count) * rows;
    });
    student_.differentiate(rows_gradient_);
    matrix_map(gradient.data(), inputs.student.batch, inputs.student.shape.size()) += rows_gradient_;
    return share * loss;
  }

 private:
  /// Calls `body(first, count)` for a division of the images, on several threads.
  template <class Body>
  static void for_parts(std::size_t batch, Body&& body) {
    parallel_ranges(batch, [&](std::size_t begin, std::size_t end, std::size_t) {
      body(static_cast<::Eigen::Index>(begin), static_cast<::Eigen::Index>(end - begin));
    });
  }

  static void multiply(const MapsView<T>& maps, Rows<T>& ready, PairMatrix& products) {
    ready.assign(matrix_map(maps.data, maps.batch, maps.shape.size()));
    const ImageRows<T>& rows = ready.rows();
    products.resize(rows.rows(), rows.rows());
    for_parts(maps.batch, [&](::Eigen::Index first, ::Eigen::Index count) {
      products.middleRows(first, count) = (rows.middleRows(first, count) * rows.transpose()).template cast<double>();
    });
  }

  Rows<T> student_, teacher_;
  PairMatrix student_products_, teacher_products_, slope_;
  ImageRows<T> rows_gradient_;
};

}  // namespace attar::detail
