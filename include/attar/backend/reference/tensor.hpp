// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include <attar/core/shape.hpp>
#include <attar/layers/op.hpp>

namespace attar::detail::reference {

/// A batch of feature maps, NHWC.
template <class Scalar>
struct Tensor {
  int batch;
  Shape shape;
  std::vector<Scalar> numbers;

  /// Zeros.
  Tensor(int batch_size, const Shape& image_shape)
      : batch{batch_size}, shape{image_shape}, numbers(static_cast<std::size_t>(batch_size) * image_shape.size()) {}

  [[nodiscard]] Scalar& at(int n, int y, int x, int c) { return numbers[index(n, y, x, c)]; }
  [[nodiscard]] const Scalar& at(int n, int y, int x, int c) const { return numbers[index(n, y, x, c)]; }

 private:
  [[nodiscard]] std::size_t index(int n, int y, int x, int c) const {
    return (static_cast<std::size_t>(n) * shape.pixels() + static_cast<std::size_t>(y * shape.width + x)) *
               static_cast<std::size_t>(shape.channels) +
           static_cast<std::size_t>(c);
  }
};

/// A tensor of the numbers at `from`.
template <class Scalar, class Storage>
[[nodiscard]] Tensor<Scalar> load(const Storage* from, int batch, const Shape& shape) {
  Tensor<Scalar> tensor{batch, shape};
  std::transform(from, from + tensor.numbers.size(), tensor.numbers.begin(),
                 [](Storage number) { return static_cast<Scalar>(number); });
  return tensor;
}

/// Writes the numbers of `tensor` to `to`, or adds them to what is there; does nothing where `to` is null.
template <class Scalar, class Storage>
void store(const Tensor<Scalar>& tensor, Storage* to, bool accumulate = false) {
  if (to == nullptr) return;
  for (std::size_t i = 0; i < tensor.numbers.size(); ++i) {
    to[i] = static_cast<Storage>(accumulate ? static_cast<Scalar>(to[i]) + tensor.numbers[i] : tensor.numbers[i]);
  }
}

/// Calls `body(n, y, x, c)` for every element.
template <class Body>
void for_each_element(int batch, const Shape& shape, Body&& body) {
  for (int n = 0; n < batch; ++n) {
    for (int y = 0; y < shape.height; ++y) {
      for (int x = 0; x < shape.width; ++x) {
        for (int c = 0; c < shape.channels; ++c) body(n, y, x, c);
      }
    }
  }
}

/// Calls `body(i, j, in_y, in_x)` for the taps (i, j) of the window at the output pixel (y, x) that lie inside of the
/// image, row by row.
template <class Body>
void for_each_tap(const Window& window, const Shape& in, int y, int x, Body&& body) {
  for (int i = 0; i < window.kernel.height; ++i) {
    for (int j = 0; j < window.kernel.width; ++j) {
      const int in_y = y * window.stride.height - window.padding.height + i * window.dilation.height;
      const int in_x = x * window.stride.width - window.padding.width + j * window.dilation.width;
      if (in_y >= 0 && in_y < in.height && in_x >= 0 && in_x < in.width) body(i, j, in_y, in_x);
    }
  }
}

}  // namespace attar::detail::reference
