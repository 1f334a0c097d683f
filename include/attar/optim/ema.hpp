// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>

#include <attar/core/error.hpp>
#include <attar/core/parallel.hpp>

namespace attar {

/// An exponential moving average of the weights, which often evaluates better than the weights themselves (Polyak and
/// Juditsky 1992; Tarvainen and Valpola 2017): average = d * average + (1 - d) * parameters after every step.
///
/// The caller owns the average, a buffer like that of the parameters, and begins with a copy of them.
struct Ema {
  double decay = 0.999;  ///< In [0, 1).
  bool warm_up = true;   ///< Start at a small decay, so that the first, random weights are soon forgotten.

  /// The decay after `step` updates: with warm-up min(decay, (1 + step) / (10 + step)).
  [[nodiscard]] constexpr double decay_at(std::uint64_t step) const noexcept {
    const auto done = static_cast<double>(step);
    return warm_up ? std::min(decay, (1.0 + done) / (10.0 + done)) : decay;
  }

  /// Moves `average` towards `parameters`; `step` is the number of updates before. Throws `Error` with
  /// `invalid_argument` where the sizes differ.
  template <class T>
  void update(std::span<T> average, std::span<const std::type_identity_t<T>> parameters, std::uint64_t step) const {
    if (average.size() != parameters.size()) {
      raise(Error{ErrorCode::invalid_argument, "average of the weights",
                  std::to_string(parameters.size()) + ", one per parameter", std::to_string(average.size())});
    }
    const auto share = static_cast<T>(1.0 - decay_at(step));
    parallel_ranges(average.size(), [&](std::size_t begin, std::size_t end, std::size_t) {
      move(average.data() + begin, parameters.data() + begin, end - begin, share);
    });
  }

 private:
  template <class T>
  static void move(T* __restrict average, const T* __restrict parameters, std::size_t count, T share) {
    for (std::size_t i = 0; i < count; ++i) average[i] += share * (parameters[i] - average[i]);
  }
};

}  // namespace attar
