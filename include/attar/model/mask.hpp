// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <attar/core/aligned_buffer.hpp>
#include <attar/core/error.hpp>
#include <attar/core/parallel.hpp>
#include <attar/model/network.hpp>

namespace attar {

/// Which parameters of an architecture are held at zero. Callable with the trainable part of a parameter buffer, or
/// with its gradients: handed to `Trainer::fit` or `distill` as their constraint, it keeps the zeros through
/// fine-tuning, whatever the optimizer does.
template <Architecture A>
class Mask {
 public:
  using ArchitectureType = A;

  /// Holds nothing.
  Mask() : keeps_{A::program.trainable_size} { keeps_.fill(1); }

  /// Whether the trainable parameter number `index` is free.
  [[nodiscard]] bool keeps(std::size_t index) const noexcept { return keeps_[index] != 0; }
  /// Holds the trainable parameter number `index` at zero from now on.
  void drop(std::size_t index) noexcept { keeps_[index] = 0; }

  /// Sets what is held to zero, NaN included. Throws `architecture_mismatch` unless there is one number for each
  /// trainable parameter.
  template <class Scalar>
  void operator()(std::span<Scalar> numbers) const {
    if (numbers.size() != keeps_.size()) {
      raise(Error{ErrorCode::architecture_mismatch, "what a mask is applied to",
                  std::to_string(keeps_.size()) + " numbers", std::to_string(numbers.size())});
    }
    parallel_ranges(numbers.size(), [&](std::size_t begin, std::size_t end, std::size_t) {
      for (std::size_t i = begin; i < end; ++i) numbers[i] = keeps_[i] != 0 ? numbers[i] : Scalar{};
    });
  }

 private:
  AlignedBuffer<std::uint8_t> keeps_;
};

}  // namespace attar
