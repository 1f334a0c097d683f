// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

#include <attar/backend/reference/tensor.hpp>
#include <attar/core/rng.hpp>
#include <attar/layers/op.hpp>

namespace attar::detail::reference {

/// The dropout of a training step, and its gradient too: zeroes elements, the same ones for the same step, and divides
/// the rest by the probability of staying. Every image of every step has a random stream of its own.
template <class Scalar>
[[nodiscard]] Tensor<Scalar> dropout(const Op& op, std::uint64_t step, Tensor<Scalar> input) {
  const auto rate = static_cast<float>(op.rate);
  const std::size_t size = input.shape.size();
  const auto batch = static_cast<std::uint64_t>(input.batch);
  for (std::uint64_t image = 0; image < batch; ++image) {
    Rng rng{Seed{static_cast<std::uint64_t>(op.output)}, step * batch + image};
    for (std::size_t i = image * size; i < (image + 1) * size; ++i) {
      input.numbers[i] = rng.uniform() < rate ? Scalar{0} : input.numbers[i] / static_cast<Scalar>(1 - op.rate);
    }
  }
  return input;
}

}  // namespace attar::detail::reference
