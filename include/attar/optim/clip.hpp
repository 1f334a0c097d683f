// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <span>

#include <attar/core/parallel.hpp>

namespace attar {

/// The Euclidean norm of all the numbers, summed in double, in an order that does not depend on the number of threads.
template <class T>
[[nodiscard]] double global_norm(std::span<const T> numbers) {
  constexpr std::size_t chunks = 64;
  constexpr std::size_t lanes = 8;
  std::array<double, chunks> sums{};
  parallel_for(chunks, [&](std::size_t chunk) {
    const std::size_t end = numbers.size() * (chunk + 1) / chunks;
    std::size_t i = numbers.size() * chunk / chunks;
    std::array<double, lanes> lane{};  // Several sums at once, so that the additions need not wait for each other.
    for (; i + lanes <= end; i += lanes) {
      for (std::size_t k = 0; k < lanes; ++k) {
        const auto x = static_cast<double>(numbers[i + k]);
        lane[k] += x * x;
      }
    }
    for (; i < end; ++i) lane[0] += static_cast<double>(numbers[i]) * static_cast<double>(numbers[i]);
    for (const double sum : lane) sums[chunk] += sum;
  });
  double sum = 0.0;
  for (const double part : sums) sum += part;
  return std::sqrt(sum);
}

/// Scales the gradients so that their norm is at most `max_norm` (Pascanu, Mikolov and Bengio 2013), as
/// `torch.nn.utils.clip_grad_norm_`, and returns the norm that they had. A norm that is NaN or infinite is returned and
/// the gradients are left as they are: the caller has to look.
template <class T>
double clip_gradient_norm(std::span<T> gradients, double max_norm) {
  const double norm = global_norm(std::span<const T>{gradients});
  const double factor = max_norm / (norm + 1e-6);
  if (std::isfinite(norm) && factor < 1.0) {
    parallel_ranges(gradients.size(), [&](std::size_t begin, std::size_t end, std::size_t) {
      for (std::size_t i = begin; i < end; ++i) gradients[i] *= static_cast<T>(factor);
    });
  }
  return norm;
}

}  // namespace attar
