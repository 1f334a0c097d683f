// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <span>

#include <attar/detail/matrix_map.hpp>
#include <attar/loss/features.hpp>

namespace attar::detail {

/// A matrix with a row per image.
template <class T>
using ImageRows = ::Eigen::Matrix<T, ::Eigen::Dynamic, ::Eigen::Dynamic, ::Eigen::RowMajor>;

/// A number for each pair of images, batch x batch.
using PairMatrix = ImageRows<double>;

/// A column of numbers of a matrix's type.
template <class Matrix>
using ColumnOf = ::Eigen::Matrix<typename Matrix::Scalar, ::Eigen::Dynamic, 1>;

/// Images' features less their mean over the batch, for terms that look at differences of images alone: products of
/// what is centred leave more digits for the differences.
template <class T>
class CentredRows {
 public:
  void assign(const MatrixMap<const T>& features);
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
  void assign(const MatrixMap<const T>& features);
  [[nodiscard]] const ImageRows<T>& rows() const noexcept { return rows_; }

  /// Makes the gradient with respect to the rows that with respect to the features.
  void differentiate(ImageRows<T>& gradient) const;

 private:
  ImageRows<T> rows_;
  ::Eigen::Matrix<T, ::Eigen::Dynamic, 1> inverse_norms_;
};

/// The products X X^T of images' features. `Pairs` is `PairMatrix`; the type is open, here and in what compares, so
/// that Eigen's expressions are compiled only where they are used.
template <class T, class Pairs>
void gram_products(const ImageRows<T>& rows, Pairs& products);

/// gradient = share * slope * rows.
template <class T, class Pairs>
void gram_gradient(double share, const Pairs& slope, const ImageRows<T>& rows, ImageRows<T>& gradient);

/// Adds a matrix to numbers that lie as it does.
template <class T>
void add_rows(const ImageRows<T>& rows, std::span<T> sum);

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
    gram_gradient(share, slope_, student_.rows(), rows_gradient_);
    student_.differentiate(rows_gradient_);
    add_rows(rows_gradient_, gradient);
    return share * loss;
  }

 private:
  static void multiply(const MapsView<T>& maps, Rows<T>& ready, PairMatrix& products) {
    ready.assign(matrix_map(maps.data, maps.batch, maps.shape.size()));
    gram_products(ready.rows(), products);
  }

  Rows<T> student_, teacher_;
  PairMatrix student_products_, teacher_products_, slope_;
  ImageRows<T> rows_gradient_;
};

#ifdef ATTAR_COMPILED
extern template class CentredRows<float>;
extern template class UnitRows<float>;
extern template void gram_products(const ImageRows<float>&, PairMatrix&);
extern template void gram_gradient(double, const PairMatrix&, const ImageRows<float>&, ImageRows<float>&);
extern template void add_rows(const ImageRows<float>&, std::span<float>);
extern template class CentredRows<double>;
extern template class UnitRows<double>;
extern template void gram_products(const ImageRows<double>&, PairMatrix&);
extern template void gram_gradient(double, const PairMatrix&, const ImageRows<double>&, ImageRows<double>&);
extern template void add_rows(const ImageRows<double>&, std::span<double>);
#endif

}  // namespace attar::detail

#ifndef ATTAR_COMPILED
#include <attar/loss/gram_state_impl.hpp>
#endif
