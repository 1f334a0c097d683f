// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <attar/backend/reference/tensor.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/layers/op.hpp>

namespace attar::detail::reference {

/// Mean and variance (biased: divided by the count) of each channel over a batch.
template <class Scalar>
struct Moments {
  std::vector<Scalar> mean;
  std::vector<Scalar> variance;
  Scalar count;  ///< Numbers per channel.
};

/// 1 / sqrt(variance + epsilon).
template <class Scalar>
[[nodiscard]] Scalar inverse_deviation(const Op& op, Scalar variance) {
  return Scalar{1} / std::sqrt(variance + static_cast<Scalar>(op.epsilon));
}

template <class Scalar>
[[nodiscard]] Moments<Scalar> moments(const Tensor<Scalar>& input) {
  const auto channels = static_cast<std::size_t>(input.shape.channels);
  const auto count = static_cast<Scalar>(input.numbers.size() / channels);
  Moments<Scalar> result{std::vector<Scalar>(channels), std::vector<Scalar>(channels), count};
  for (std::size_t i = 0; i < input.numbers.size(); ++i) result.mean[i % channels] += input.numbers[i] / count;
  for (std::size_t i = 0; i < input.numbers.size(); ++i) {
    const Scalar deviation = input.numbers[i] - result.mean[i % channels];
    result.variance[i % channels] += deviation * deviation / count;
  }
  return result;
}

/// scale * (x - mean) / sqrt(variance + epsilon) + shift, channel by channel.
template <class Scalar>
[[nodiscard]] Tensor<Scalar> normalize(const Op& op, Tensor<Scalar> input, std::span<const Scalar> mean,
                                       std::span<const Scalar> variance, std::span<const Scalar> scale,
                                       std::span<const Scalar> shift) {
  for (std::size_t i = 0; i < input.numbers.size(); ++i) {
    const std::size_t c = i % scale.size();
    input.numbers[i] = scale[c] * (input.numbers[i] - mean[c]) * inverse_deviation(op, variance[c]) + shift[c];
  }
  return input;
}

/// Moves the running statistics towards those of a batch, the variance unbiased (of one number: as it is).
template <class Scalar>
void update_statistics(const Op& op, const Moments<Scalar>& batch, std::span<Scalar> running_mean,
                       std::span<Scalar> running_var) {
  const auto momentum = static_cast<Scalar>(op.momentum);
  const Scalar unbiased = batch.count > 1 ? batch.count / (batch.count - 1) : Scalar{1};
  for (std::size_t c = 0; c < running_mean.size(); ++c) {
    running_mean[c] = (1 - momentum) * running_mean[c] + momentum * batch.mean[c];
    running_var[c] = (1 - momentum) * running_var[c] + momentum * batch.variance[c] * unbiased;
  }
}

/// The gradient of the input of a normalization by the batch's statistics (Ioffe and Szegedy 2015, section 3); writes
/// those of scale and shift.
template <class Scalar>
[[nodiscard]] Tensor<Scalar> batch_norm_gradient(const Op& op, const Tensor<Scalar>& input,
                                                 std::span<const Scalar> scale, const Tensor<Scalar>& gradient,
                                                 std::span<Scalar> scale_gradient, std::span<Scalar> shift_gradient) {
  const Moments<Scalar> batch = moments(input);
  const auto normalized = [&](std::size_t i) {
    const std::size_t c = i % scale.size();
    return (input.numbers[i] - batch.mean[c]) * inverse_deviation(op, batch.variance[c]);
  };
  detail::fill(scale_gradient, Scalar{0});
  detail::fill(shift_gradient, Scalar{0});
  for (std::size_t i = 0; i < input.numbers.size(); ++i) {
    scale_gradient[i % scale.size()] += gradient.numbers[i] * normalized(i);
    shift_gradient[i % scale.size()] += gradient.numbers[i];
  }
  Tensor<Scalar> input_gradient{input.batch, input.shape};
  for (std::size_t i = 0; i < input.numbers.size(); ++i) {
    const std::size_t c = i % scale.size();
    const Scalar through_mean = shift_gradient[c] / batch.count;
    const Scalar through_variance = normalized(i) * scale_gradient[c] / batch.count;
    input_gradient.numbers[i] =
        scale[c] * inverse_deviation(op, batch.variance[c]) * (gradient.numbers[i] - through_mean - through_variance);
  }
  return input_gradient;
}

}  // namespace attar::detail::reference
