// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include <attar/backend/reference/tensor.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/layers/op.hpp>

namespace attar::detail::reference {

/// Calls `body(n, y, x, c, in_y, in_x, in_c, w)` for every product that a convolution consists of: output (n, y, x, c)
/// is the sum of input (n, in_y, in_x, in_c) times weight w. Output and both gradients are sums over these.
template <class Body>
void for_each_product(const Op& op, int batch, const Shape& in, const Shape& out, Body&& body) {
  const Extent kernel = op.window.kernel;
  const int inputs = in.channels / op.groups;
  const int outputs = out.channels / op.groups;
  for_each_element(batch, out, [&](int n, int y, int x, int c) {
    const int group = c / outputs;
    for (int k = 0; k < inputs; ++k) {
      for_each_tap(op.window, in, y, x, [&](int i, int j, int in_y, int in_x) {
        const int weight = ((c * inputs + k) * kernel.height + i) * kernel.width + j;
        body(n, y, x, c, in_y, in_x, group * inputs + k, static_cast<std::size_t>(weight));
      });
    }
  });
}

/// A convolution; `bias` may be empty.
template <class Scalar>
[[nodiscard]] Tensor<Scalar> conv2d(const Op& op, const Tensor<Scalar>& input, std::span<const Scalar> weight,
                                    std::span<const Scalar> bias, const Shape& out) {
  Tensor<Scalar> output{input.batch, out};
  for_each_product(op, input.batch, input.shape, out,
                   [&](int n, int y, int x, int c, int in_y, int in_x, int in_c, std::size_t w) {
                     output.at(n, y, x, c) += input.at(n, in_y, in_x, in_c) * weight[w];
                   });
  if (bias.empty()) return output;
  for_each_element(output.batch, out,
                   [&](int n, int y, int x, int c) { output.at(n, y, x, c) += bias[static_cast<std::size_t>(c)]; });
  return output;
}

/// The gradient of the input from that of the output; writes those of the weights and, unless empty, of the bias.
template <class Scalar>
[[nodiscard]] Tensor<Scalar> conv2d_gradient(const Op& op, const Tensor<Scalar>& input, std::span<const Scalar> weight,
                                             const Tensor<Scalar>& gradient, std::span<Scalar> weight_gradient,
                                             std::span<Scalar> bias_gradient) {
  Tensor<Scalar> input_gradient{input.batch, input.shape};
  detail::fill(weight_gradient, Scalar{0});
  detail::fill(bias_gradient, Scalar{0});
  for_each_product(op, input.batch, input.shape, gradient.shape,
                   [&](int n, int y, int x, int c, int in_y, int in_x, int in_c, std::size_t w) {
                     input_gradient.at(n, in_y, in_x, in_c) += gradient.at(n, y, x, c) * weight[w];
                     weight_gradient[w] += gradient.at(n, y, x, c) * input.at(n, in_y, in_x, in_c);
                   });
  if (bias_gradient.empty()) return input_gradient;
  for_each_element(gradient.batch, gradient.shape, [&](int n, int y, int x, int c) {
    bias_gradient[static_cast<std::size_t>(c)] += gradient.at(n, y, x, c);
  });
  return input_gradient;
}

}  // namespace attar::detail::reference
