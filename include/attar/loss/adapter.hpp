// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <span>

#include <attar/core/rng.hpp>

namespace attar::detail {

/// A learned affine map y = W x + b of rows of numbers. Over the pixels of NHWC maps it is a 1x1 convolution, over
/// whole images a linear layer. Its parameters, W (outputs x inputs) and behind it b, are in memory of the owner's, as
/// are their gradients, so that an owner can keep all that it trains in one flat buffer.
///
///     AlignedBuffer<T> parameters{Adapter<T>::size(16, 64)}, gradients{parameters.size()};
///     Adapter<T> adapter{16, 64, parameters.span(), gradients.span(), Rng{seed}};
template <std::floating_point T>
class Adapter {
 public:
  /// How many parameters an adapter has.
  [[nodiscard]] static constexpr std::size_t size(std::size_t inputs, std::size_t outputs) noexcept {
    return (inputs + 1) * outputs;
  }

  /// Initializes W uniformly in +-1/sqrt(inputs), b with 0. Both spans have `size(inputs, outputs)` numbers and outlive
  /// the adapter.
  Adapter(std::size_t inputs, std::size_t outputs, std::span<T> parameters, std::span<T> gradients, Rng rng)
      : inputs_{inputs}, outputs_{outputs}, parameters_{parameters}, gradients_{gradients} {
    const double bound = 1 / std::sqrt(static_cast<double>(inputs));
    for (T& x : parameters.first(inputs * outputs)) {
      x = static_cast<T>(bound * (2 * static_cast<double>(rng.uniform()) - 1));
    }
    for (T& x : parameters.subspan(inputs * outputs)) x = 0;
  }

  /// `input`: rows x inputs, `output`: rows x outputs.
  void forward(std::size_t rows, const T* input, T* output) const;

  /// Overwrites the gradients of the parameters, given that of the output, and adds that of the input to
  /// `input_gradient`, which may be null.
  void backward(std::size_t rows, const T* input, const T* output_gradient, T* input_gradient);

 private:
  std::size_t inputs_, outputs_;
  std::span<T> parameters_, gradients_;
};

#ifdef ATTAR_COMPILED
extern template class Adapter<float>;
extern template class Adapter<double>;
#endif

}  // namespace attar::detail

#ifndef ATTAR_COMPILED
#include <attar/loss/adapter_impl.hpp>
#endif
