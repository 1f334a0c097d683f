// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <attar/backend/reference/tensor.hpp>

/// The operations that have several operands.
namespace attar::detail::reference {

template <class Scalar>
[[nodiscard]] Tensor<Scalar> add(Tensor<Scalar> first, const Tensor<Scalar>& second) {
  for (std::size_t i = 0; i < first.numbers.size(); ++i) first.numbers[i] += second.numbers[i];
  return first;
}

/// The channels of all operands, one after the other.
template <class Scalar>
[[nodiscard]] Tensor<Scalar> concat(std::span<const Tensor<Scalar>> operands, const Shape& out) {
  Tensor<Scalar> output{operands[0].batch, out};
  int first = 0;
  for (const Tensor<Scalar>& operand : operands) {
    for_each_element(operand.batch, operand.shape,
                     [&](int n, int y, int x, int c) { output.at(n, y, x, first + c) = operand.at(n, y, x, c); });
    first += operand.shape.channels;
  }
  return output;
}

/// The gradients of all operands.
template <class Scalar>
[[nodiscard]] std::vector<Tensor<Scalar>> concat_gradients(std::span<const Tensor<Scalar>> operands,
                                                           const Tensor<Scalar>& gradient) {
  std::vector<Tensor<Scalar>> gradients;
  int first = 0;
  for (const Tensor<Scalar>& operand : operands) {
    Tensor<Scalar> part{operand.batch, operand.shape};
    for_each_element(operand.batch, operand.shape,
                     [&](int n, int y, int x, int c) { part.at(n, y, x, c) = gradient.at(n, y, x, first + c); });
    gradients.push_back(std::move(part));
    first += operand.shape.channels;
  }
  return gradients;
}

/// `input` times `gate`, a C x 1 x 1 value, channel by channel.
template <class Scalar>
[[nodiscard]] Tensor<Scalar> scale(Tensor<Scalar> input, const Tensor<Scalar>& gate) {
  for_each_element(input.batch, input.shape,
                   [&](int n, int y, int x, int c) { input.at(n, y, x, c) *= gate.at(n, 0, 0, c); });
  return input;
}

/// The gradient of the gate; that of the other operand is the output's times the gate.
template <class Scalar>
[[nodiscard]] Tensor<Scalar> gate_gradient(const Tensor<Scalar>& input, const Tensor<Scalar>& gradient) {
  Tensor<Scalar> result{input.batch, {input.shape.channels, 1, 1}};
  for_each_element(input.batch, input.shape, [&](int n, int y, int x, int c) {
    result.at(n, 0, 0, c) += input.at(n, y, x, c) * gradient.at(n, y, x, c);
  });
  return result;
}

}  // namespace attar::detail::reference
