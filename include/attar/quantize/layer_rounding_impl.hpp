// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <utility>

#include <attar/backend/kernels/activate.hpp>
#include <attar/detail/matrix_map.hpp>
#include <attar/quantize/layer_rounding.hpp>

namespace attar::detail {

template <class Samples>
double LayerRounding<Samples>::squared_error(std::size_t first, std::size_t rows, bool with_gradient) {
  const auto inputs = samples_.inputs();  // `auto`: products of these sizes depend on `Samples`, and wait for its use.
  const auto outputs = samples_.outputs();
  double sum = 0;
  for (std::size_t group = 0; group < samples_.groups(); ++group) {
    const auto windows = matrix_map(samples_.windows(group, first), rows, inputs);
    const auto weights = matrix_map(std::as_const(soft_).data() + group * outputs * inputs, outputs, inputs);
    auto errors = matrix_map(errors_.data(), rows, outputs);
    errors.noalias() = windows * weights.transpose();
    with_activation(layer_.activation, [&](auto function) {
      sum += this->template subtract_targets<function.value>(group, first, rows, 2.0F / static_cast<float>(rows));
    });
    if (!with_gradient) continue;
    matrix_map(gradient_.data() + group * outputs * inputs, outputs, inputs).noalias() = errors.transpose() * windows;
  }
  return sum / static_cast<double>(rows);
}

}  // namespace attar::detail
