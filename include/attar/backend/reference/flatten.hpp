// SPDX-License-Identifier: MIT
#pragma once

#include <attar/backend/reference/tensor.hpp>

namespace attar::detail::reference {

/// Calls `body(n, y, x, c, feature)` for every element of the image and the feature that it becomes: the order of
/// features is channel, height, width.
template <class Body>
void for_each_feature(int batch, const Shape& image, Body&& body) {
  for_each_element(batch, image,
                   [&](int n, int y, int x, int c) { body(n, y, x, c, (c * image.height + y) * image.width + x); });
}

template <class Scalar>
[[nodiscard]] Tensor<Scalar> flatten(const Tensor<Scalar>& input) {
  Tensor<Scalar> output{input.batch, {static_cast<int>(input.shape.size()), 1, 1}};
  for_each_feature(input.batch, input.shape, [&](int n, int y, int x, int c, int feature) {
    output.at(n, 0, 0, feature) = input.at(n, y, x, c);
  });
  return output;
}

template <class Scalar>
[[nodiscard]] Tensor<Scalar> flatten_gradient(const Shape& in, const Tensor<Scalar>& gradient) {
  Tensor<Scalar> input_gradient{gradient.batch, in};
  for_each_feature(gradient.batch, in, [&](int n, int y, int x, int c, int feature) {
    input_gradient.at(n, y, x, c) = gradient.at(n, 0, 0, feature);
  });
  return input_gradient;
}

}  // namespace attar::detail::reference
