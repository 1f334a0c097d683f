// SPDX-License-Identifier: MIT
#pragma once

#include <attar/backend/reference/tensor.hpp>
#include <attar/layers/op.hpp>

namespace attar::detail::reference {

/// The pixel that is the maximum of the window at (y, x): the first one of equals, row by row, and any NaN, as in
/// PyTorch. Padding is never the maximum.
template <class Scalar>
[[nodiscard]] Extent find_maximum(const Op& op, const Tensor<Scalar>& input, int n, int y, int x, int c) {
  Extent best{-1, -1};
  for_each_tap(op.window, input.shape, y, x, [&](int, int, int in_y, int in_x) {
    const Scalar number = input.at(n, in_y, in_x, c);
    if (best.height < 0 || number > input.at(n, best.height, best.width, c) || number != number) best = {in_y, in_x};
  });
  return best;
}

template <class Scalar>
[[nodiscard]] Tensor<Scalar> max_pool(const Op& op, const Tensor<Scalar>& input, const Shape& out) {
  Tensor<Scalar> output{input.batch, out};
  for_each_element(input.batch, out, [&](int n, int y, int x, int c) {
    const Extent best = find_maximum(op, input, n, y, x, c);
    output.at(n, y, x, c) = input.at(n, best.height, best.width, c);
  });
  return output;
}

template <class Scalar>
[[nodiscard]] Tensor<Scalar> max_pool_gradient(const Op& op, const Tensor<Scalar>& input,
                                               const Tensor<Scalar>& gradient) {
  Tensor<Scalar> input_gradient{input.batch, input.shape};
  for_each_element(input.batch, gradient.shape, [&](int n, int y, int x, int c) {
    const Extent best = find_maximum(op, input, n, y, x, c);
    input_gradient.at(n, best.height, best.width, c) += gradient.at(n, y, x, c);
  });
  return input_gradient;
}

/// The mean of each window, padding counted as zero.
template <class Scalar>
[[nodiscard]] Tensor<Scalar> avg_pool(const Op& op, const Tensor<Scalar>& input, const Shape& out) {
  const auto area = static_cast<Scalar>(op.window.kernel.height * op.window.kernel.width);
  Tensor<Scalar> output{input.batch, out};
  for_each_element(input.batch, out, [&](int n, int y, int x, int c) {
    for_each_tap(op.window, input.shape, y, x,
                 [&](int, int, int in_y, int in_x) { output.at(n, y, x, c) += input.at(n, in_y, in_x, c) / area; });
  });
  return output;
}

template <class Scalar>
[[nodiscard]] Tensor<Scalar> avg_pool_gradient(const Op& op, const Shape& in, const Tensor<Scalar>& gradient) {
  const auto area = static_cast<Scalar>(op.window.kernel.height * op.window.kernel.width);
  Tensor<Scalar> input_gradient{gradient.batch, in};
  for_each_element(gradient.batch, gradient.shape, [&](int n, int y, int x, int c) {
    for_each_tap(op.window, in, y, x, [&](int, int, int in_y, int in_x) {
      input_gradient.at(n, in_y, in_x, c) += gradient.at(n, y, x, c) / area;
    });
  });
  return input_gradient;
}

/// The mean over height and width.
template <class Scalar>
[[nodiscard]] Tensor<Scalar> global_avg_pool(const Tensor<Scalar>& input) {
  const auto area = static_cast<Scalar>(input.shape.pixels());
  Tensor<Scalar> output{input.batch, {input.shape.channels, 1, 1}};
  for_each_element(input.batch, input.shape,
                   [&](int n, int y, int x, int c) { output.at(n, 0, 0, c) += input.at(n, y, x, c) / area; });
  return output;
}

template <class Scalar>
[[nodiscard]] Tensor<Scalar> global_avg_pool_gradient(const Shape& in, const Tensor<Scalar>& gradient) {
  const auto area = static_cast<Scalar>(in.pixels());
  Tensor<Scalar> input_gradient{gradient.batch, in};
  for_each_element(gradient.batch, in,
                   [&](int n, int y, int x, int c) { input_gradient.at(n, y, x, c) = gradient.at(n, 0, 0, c) / area; });
  return input_gradient;
}

}  // namespace attar::detail::reference
