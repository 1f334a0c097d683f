// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include <attar/backend/reference/tensor.hpp>
#include <attar/detail/whole_range.hpp>

namespace attar::detail::reference {

/// y = W x + b; `bias` may be empty.
template <class Scalar>
[[nodiscard]] Tensor<Scalar> linear(const Tensor<Scalar>& input, std::span<const Scalar> weight,
                                    std::span<const Scalar> bias, const Shape& out) {
  Tensor<Scalar> output{input.batch, out};
  for (int n = 0; n < input.batch; ++n) {
    for (int o = 0; o < out.channels; ++o) {
      Scalar sum = bias.empty() ? Scalar{0} : bias[static_cast<std::size_t>(o)];
      for (int i = 0; i < input.shape.channels; ++i) {
        sum += weight[static_cast<std::size_t>(o * input.shape.channels + i)] * input.at(n, 0, 0, i);
      }
      output.at(n, 0, 0, o) = sum;
    }
  }
  return output;
}

/// The gradient of the input from that of the output; writes those of the weights and, unless empty, of the bias.
template <class Scalar>
[[nodiscard]] Tensor<Scalar> linear_gradient(const Tensor<Scalar>& input, std::span<const Scalar> weight,
                                             const Tensor<Scalar>& gradient, std::span<Scalar> weight_gradient,
                                             std::span<Scalar> bias_gradient) {
  Tensor<Scalar> input_gradient{input.batch, input.shape};
  detail::fill(weight_gradient, Scalar{0});
  detail::fill(bias_gradient, Scalar{0});
  for (int n = 0; n < input.batch; ++n) {
    for (int o = 0; o < gradient.shape.channels; ++o) {
      const Scalar of_output = gradient.at(n, 0, 0, o);
      if (!bias_gradient.empty()) bias_gradient[static_cast<std::size_t>(o)] += of_output;
      for (int i = 0; i < input.shape.channels; ++i) {
        const auto w = static_cast<std::size_t>(o * input.shape.channels + i);
        weight_gradient[w] += of_output * input.at(n, 0, 0, i);
        input_gradient.at(n, 0, 0, i) += of_output * weight[w];
      }
    }
  }
  return input_gradient;
}

}  // namespace attar::detail::reference
