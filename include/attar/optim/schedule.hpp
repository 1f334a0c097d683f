// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <numbers>
#include <vector>

namespace attar {

/// A learning rate schedule: `factor(step, total_steps)` is what the optimizer's rate is multiplied by at a step in
/// [0, total_steps), a pure function. Positions in the run are shares of it, so that a schedule need not be told how
/// long the run is.
template <class S>
concept Schedule = requires(const S& schedule, std::int64_t step, std::int64_t total_steps) {
  { schedule.factor(step, total_steps) } -> std::same_as<double>;
};

namespace detail {

/// The step that lies at a share of the run.
inline std::int64_t step_at(double share, std::int64_t total_steps) {
  return std::llround(share * static_cast<double>(total_steps));
}

/// From `from` to `to` along half a cosine, `share` in [0, 1].
inline double half_cosine(double from, double to, double share) {
  return to + (from - to) * 0.5 * (1.0 + std::cos(std::numbers::pi * share));
}

}  // namespace detail

/// Always 1.
struct Constant {
  [[nodiscard]] double factor(std::int64_t, std::int64_t) const { return 1.0; }
};

/// Multiplied by `gamma` at each milestone, as `torch.optim.lr_scheduler.MultiStepLR`.
struct StepDecay {
  std::vector<double> milestones = {0.5, 0.75};  ///< Shares of the run.
  double gamma = 0.1;

  [[nodiscard]] double factor(std::int64_t step, std::int64_t total_steps) const {
    double factor = 1.0;
    for (const double milestone : milestones) {
      if (step >= detail::step_at(milestone, total_steps)) factor *= gamma;
    }
    return factor;
  }
};

/// From 1 to `final_factor` along half a cosine (Loshchilov and Hutter, "SGDR", 2017, without restarts), as
/// `CosineAnnealingLR` with T_max = total_steps.
struct Cosine {
  double final_factor = 0.0;

  [[nodiscard]] double factor(std::int64_t step, std::int64_t total_steps) const {
    return detail::half_cosine(1.0, final_factor, static_cast<double>(step) / static_cast<double>(total_steps));
  }
};

/// Up to the optimizer's rate and down again, both along half a cosine (Smith and Topin, "Super-convergence", 2018), as
/// `OneCycleLR` with its defaults. The momentum is left alone (`cycle_momentum=False`).
///
/// The rate starts at 1 / `div_factor`, is 1 at step `peak_at` * total_steps - 1, and ends at
/// 1 / (`div_factor` * `final_div_factor`) with the last step. A run too short to rise begins at 1.
struct OneCycle {
  double peak_at = 0.3;  ///< A share of the run.
  double div_factor = 25.0;
  double final_div_factor = 1e4;

  [[nodiscard]] double factor(std::int64_t step, std::int64_t total_steps) const {
    const auto now = static_cast<double>(step);
    const auto last = static_cast<double>(total_steps - 1);
    const double peak = std::max(0.0, peak_at * static_cast<double>(total_steps) - 1.0);
    if (now == peak) return 1.0;
    if (now < peak) return detail::half_cosine(1.0 / div_factor, 1.0, now / peak);
    return detail::half_cosine(1.0, 1.0 / (div_factor * final_div_factor), (now - peak) / (last - peak));
  }
};

/// A straight rise from `start` to 1 during the first `share` of the run, then another schedule over the rest, as
/// `SequentialLR` of `LinearLR` and that schedule (Goyal et al., "Accurate, large minibatch SGD", 2017).
///
///     Warmup{.schedule = Cosine{}, .share = 0.05}
template <Schedule Then>
struct Warmup {
  Then schedule{};
  double share = 0.05;
  double start = 0.01;

  [[nodiscard]] double factor(std::int64_t step, std::int64_t total_steps) const {
    const std::int64_t rise = detail::step_at(share, total_steps);
    if (step >= rise) return schedule.factor(step - rise, total_steps - rise);
    const double done = static_cast<double>(step) / static_cast<double>(rise);
    return (start + (1.0 - start) * done) * schedule.factor(0, total_steps - rise);
  }
};

}  // namespace attar
