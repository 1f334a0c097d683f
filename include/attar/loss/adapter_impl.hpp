// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>

#include <attar/core/parallel.hpp>
#include <attar/detail/matrix_map.hpp>
#include <attar/loss/adapter.hpp>

namespace attar::detail {

template <std::floating_point T>
void Adapter<T>::forward(std::size_t rows, const T* input, T* output) const {
  const auto weight = matrix_map<const T>(parameters_.data(), outputs_, inputs_);
  const auto bias = matrix_map<const T>(parameters_.data() + weight.size(), 1, outputs_);
  parallel_ranges(rows, [&](std::size_t begin, std::size_t end, std::size_t) {
    auto part = matrix_map(output + begin * outputs_, end - begin, outputs_);
    part.noalias() = matrix_map(input + begin * inputs_, end - begin, inputs_) * weight.transpose();
    part.rowwise() += bias.row(0);
  });
}

template <std::floating_point T>
void Adapter<T>::backward(std::size_t rows, const T* input, const T* output_gradient, T* input_gradient) {
  const auto all = matrix_map(output_gradient, rows, outputs_);
  parallel_ranges(outputs_, [&](std::size_t begin, std::size_t end, std::size_t) {
    const auto columns = all.middleCols(static_cast<::Eigen::Index>(begin), static_cast<::Eigen::Index>(end - begin));
    matrix_map(gradients_.data() + begin * inputs_, end - begin, inputs_).noalias() =
        columns.transpose() * matrix_map(input, rows, inputs_);
    matrix_map(gradients_.data() + outputs_ * inputs_ + begin, 1, end - begin) = columns.colwise().sum();
  });
  if (input_gradient == nullptr) return;
  const auto weight = matrix_map<const T>(parameters_.data(), outputs_, inputs_);
  parallel_ranges(rows, [&](std::size_t begin, std::size_t end, std::size_t) {
    matrix_map(input_gradient + begin * inputs_, end - begin, inputs_).noalias() +=
        matrix_map(output_gradient + begin * outputs_, end - begin, outputs_) * weight;
  });
}

}  // namespace attar::detail
