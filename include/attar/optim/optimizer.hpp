// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>

#include <attar/core/aligned_buffer.hpp>
#include <attar/core/error.hpp>
#include <attar/core/parallel.hpp>

namespace attar {

/// Elements [begin, end) of a flat parameter buffer.
struct ParameterRange {
  std::size_t begin = 0;
  std::size_t end = 0;

  friend constexpr bool operator==(const ParameterRange&, const ParameterRange&) = default;
};

/// What an optimizer remembers between steps: as many numbers per parameter as it has slots (slot 0 of all parameters,
/// then slot 1 of all), and how many steps it has taken. Saving these two is a checkpoint.
template <std::floating_point T = float>
struct OptimizerState {
  AlignedBuffer<T> slots;
  std::uint64_t steps = 0;
};

/// An update rule on one flat buffer of parameters: an aggregate of its hyperparameters.
///
/// - `rate`: the learning rate that a schedule scales.
/// - `slots()`: how many numbers it remembers per parameter.
/// - `validate()`: throws `Error` with `invalid_argument` where a hyperparameter is outside of its range.
/// - `step(parameters, gradients, state, rate, weights)`: one update at learning rate `rate`, in place. `weights` are
///   the parts of the buffer that are neither norms nor biases, ascending and disjoint; it is looked at only where
///   `decay_norms_and_biases` is false. Throws `Error` with `invalid_argument` where sizes disagree.
template <class O>
concept Optimizer = requires(const O& optimizer, std::span<float> parameters, std::span<const float> gradients,
                             OptimizerState<float>& state, double rate, std::span<const ParameterRange> weights) {
  { optimizer.rate } -> std::convertible_to<double>;
  { optimizer.slots() } -> std::same_as<std::size_t>;
  optimizer.validate();
  optimizer.step(parameters, gradients, state, rate, weights);
};

/// The state of an optimizer before its first step on `size` parameters. Validates the optimizer.
template <std::floating_point T = float, Optimizer O>
[[nodiscard]] OptimizerState<T> initial_state(const O& optimizer, std::size_t size) {
  optimizer.validate();
  return {AlignedBuffer<T>{optimizer.slots() * size}, 0};
}

namespace detail {

/// Throws `Error` unless `valid`; `expected` is the range of the hyperparameter.
inline void check_hyperparameter(bool valid, const char* name, const char* expected, double found) {
  if (!valid) raise(Error{ErrorCode::invalid_argument, name, expected, std::to_string(found)});
}

template <class T>
void check_step(std::span<T> parameters, std::span<const T> gradients, const OptimizerState<T>& state,
                std::size_t slots) {
  if (gradients.size() != parameters.size()) {
    raise(Error{ErrorCode::invalid_argument, "gradients", std::to_string(parameters.size()) + ", one per parameter",
                std::to_string(gradients.size())});
  }
  if (state.slots.size() != slots * parameters.size()) {
    raise(Error{ErrorCode::invalid_argument, "optimizer state",
                std::to_string(slots * parameters.size()) + " numbers for these parameters",
                std::to_string(state.slots.size())});
  }
}

/// Calls `update(begin, end, decays)` in parallel for pieces that cover [0, size), where `decays` says whether the
/// piece lies in `decayed` (ascending and disjoint).
template <class Update>
void for_each_piece(std::size_t size, std::span<const ParameterRange> decayed, const Update& update) {
  parallel_ranges(size, [&](std::size_t begin, std::size_t end, std::size_t) {
    std::size_t at = begin;
    for (const ParameterRange& range : decayed) {
      const std::size_t first = std::clamp(range.begin, at, end);
      const std::size_t last = std::clamp(range.end, first, end);
      if (at < first) update(at, first, false);
      if (first < last) update(first, last, true);
      at = last;
    }
    if (at < end) update(at, end, false);
  });
}

/// The same with everything decayed, or only the weights.
template <class Update>
void for_each_piece(std::size_t size, bool decay_all, std::span<const ParameterRange> weights, const Update& update) {
  const ParameterRange all{0, size};
  for_each_piece(size, decay_all ? std::span<const ParameterRange>{&all, 1} : weights, update);
}

}  // namespace detail
}  // namespace attar
