// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <string>

#include <attar/core/error.hpp>

namespace attar {

/// How a sparsity rises while a network is trained: `at(progress)` says which share of the way from the initial to the
/// final sparsity is done at a share of the training steps, a function that never falls, from 0 to 1. `validate` throws
/// `Error` with `invalid_argument` where a number is out of range.
template <class S>
concept SparsitySchedule = requires(const S& schedule, double progress) {
  { schedule.at(progress) } -> std::convertible_to<double>;
  schedule.validate();
};

namespace detail {

/// The share of the way from `begin` to `end` that is done at `progress`, in [0, 1].
[[nodiscard]] constexpr double way_done(double progress, double begin, double end) noexcept {
  return std::clamp((progress - begin) / (end - begin), 0.0, 1.0);
}

inline void check_way(const char* schedule, double begin, double end) {
  if (0 <= begin && begin < end && end <= 1) return;
  raise(Error{ErrorCode::invalid_argument, schedule, "0 <= begin < end <= 1",
              "begin " + std::to_string(begin) + ", end " + std::to_string(end)});
}

}  // namespace detail

/// All at once, after a share of the steps.
struct OneShot {
  double begin = 0;  ///< In [0, 1].

  [[nodiscard]] constexpr double at(double progress) const noexcept { return progress >= begin ? 1 : 0; }
  void validate() const {
    if (0 <= begin && begin <= 1) return;
    raise(Error{ErrorCode::invalid_argument, "OneShot.begin", "in [0, 1]", std::to_string(begin)});
  }
};

/// In equal steps, with training between them (Han et al., "Learning both weights and connections", NIPS 2015):
/// ceil(t steps) / steps, where t is the share of the way from `begin` to `end`.
struct Iterative {
  int steps = 5;      ///< At least 1.
  double begin = 0;   ///< When the first has been made.
  double end = 0.75;  ///< When the last would end; the rest of the run recovers.

  [[nodiscard]] double at(double progress) const noexcept {
    return std::ceil(detail::way_done(progress, begin, end) * steps) / steps;
  }
  void validate() const {
    detail::check_way("Iterative", begin, end);
    if (steps < 1) raise(Error{ErrorCode::invalid_argument, "Iterative.steps", "at least 1", std::to_string(steps)});
  }
};

/// Fast at first, when much can go, and slower and slower: 1 - (1 - t)^3, with which s = s_f + (s_i - s_f) (1 - t)^3
/// (Zhu and Gupta, "To prune, or not to prune", 2017).
struct Cubic {
  double begin = 0;
  double end = 0.75;  ///< The rest of the run recovers.

  [[nodiscard]] double at(double progress) const noexcept {
    const double left = 1 - detail::way_done(progress, begin, end);
    return 1 - left * left * left;
  }
  void validate() const { detail::check_way("Cubic", begin, end); }
};

/// Slow, then fast, then slow: a logistic curve over the whole run (Hubens et al., "One-cycle pruning: pruning convnets
/// with tight training budget", 2021), (1 + e^(-alpha + beta)) / (1 + e^(-alpha t + beta)), with which
/// s = s_i + (s_f - s_i) (1 + e^(-alpha + beta)) / (1 + e^(-alpha t + beta)).
struct OneCyclePruning {
  double alpha = 14;  ///< How steep; above 0.
  double beta = 5;    ///< How late: half of the way is done at about beta / alpha.

  [[nodiscard]] double at(double progress) const noexcept {
    const double t = std::clamp(progress, 0.0, 1.0);
    return (1 + std::exp(-alpha + beta)) / (1 + std::exp(-alpha * t + beta));
  }
  void validate() const {
    if (alpha > 0 && std::isfinite(alpha) && std::isfinite(beta)) return;
    raise(Error{ErrorCode::invalid_argument, "OneCyclePruning", "alpha above 0, both finite",
                "alpha " + std::to_string(alpha) + ", beta " + std::to_string(beta)});
  }
};

}  // namespace attar
