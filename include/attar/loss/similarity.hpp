// SPDX-License-Identifier: MIT
#pragma once

#include <attar/core/shape.hpp>
#include <attar/loss/features.hpp>
#include <attar/loss/gram_state.hpp>

namespace attar {

namespace detail {

/// Images' features as they are.
template <class T>
class PlainRows {
 public:
  void assign(const MatrixMap<const T>& features) { rows_ = features; }
  [[nodiscard]] const ImageRows<T>& rows() const noexcept { return rows_; }
  void differentiate(ImageRows<T>& /*gradient*/) const noexcept {}

 private:
  ImageRows<T> rows_;
};

/// See `GramState`. The rows of the products are divided by their norms here.
template <class Matrix>
[[nodiscard]] double compare_similarities(const Matrix& student, const Matrix& teacher, Matrix& slope);

#ifdef ATTAR_COMPILED
extern template double compare_similarities(const PairMatrix&, const PairMatrix&, PairMatrix&);
#endif

}  // namespace detail

/// Similarity-preserving distillation (Tung and Mori, ICCV 2019): images that look alike to the teacher should look
/// alike to the student. With F the features of the batch, an image a row, and G the matrix of products F F' whose rows
/// are divided by their norms:
///
///     |G(student) - G(teacher)|^2 / batch^2        (Frobenius norm)
///
/// Feature maps are taken as vectors; any shapes. Images are compared with each other, so a teacher counts with its
/// mean weight.
///
/// Options: `Tap` (one or two), `Weight` (default 1; usual is 3000, for the numbers are small).
///
///     Similarity<Tap<"middle">, Weight<3000>>
template <class... Options>
struct Similarity : FeatureOptions<Options...> {
  template <class T>
  using State = detail::GramState<T, FeatureOptions<Options...>, detail::PlainRows,
                                  detail::compare_similarities<detail::PairMatrix>>;
};

}  // namespace attar

#ifndef ATTAR_COMPILED
#include <attar/loss/similarity_impl.hpp>
#endif
