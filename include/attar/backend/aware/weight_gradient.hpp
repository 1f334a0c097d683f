// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <attar/backend/aware/shared.hpp>
#include <attar/core/parallel.hpp>
#include <attar/model/int8_simulation.hpp>
#include <attar/model/program.hpp>
#include <attar/model/quantizers.hpp>

namespace attar::detail {

/// Passes the gradient of quantized weights on to the weights and to their limits.
class WeightGradient {
 public:
  WeightGradient(const Program& program, int weight)
      : weight_{weight},
        filters_{static_cast<std::size_t>(program.parameter(weight).dims[0])},
        limits_{program.simulation->weight_limits[static_cast<std::size_t>(weight)]},
        step_sums_(filters_) {}

  /// `gradients` holds, where the weights' stand, their gradients times `steps[filter] / input_scale`.
  void write(const Quantizers& quantizers, const float* parameters, float input_scale, float* gradients) {
    const Program& program = quantizers.program();
    const Parameter& weights = program.parameter(weight_);
    const std::size_t size = weights.size / filters_;
    const std::span<const float> steps = quantizers.weight_steps(weight_);
    const std::span<const float> quantized = quantizers.weight(weight_);
    const auto limit = static_cast<float>(quantizers.simulation().weight_limit);
    const LimitRule rule = quantizers.simulation().weights;
    parallel_for(filters_, [&](std::size_t filter) {
      const float step = steps[steps.size() == 1 ? 0 : filter];
      const float factor = input_scale / step;
      const float* w = parameters + weights.offset + filter * size;
      const float* q = quantized.data() + filter * size;
      float* gradient = gradients + weights.offset + filter * size;
      double sum = 0;
      for (std::size_t i = 0; i < size; ++i) {
        const float g = gradient[i] * factor;
        const float y = w[i] / step;
        const bool outside = rule == LimitRule::follow ? runs_away(y, limit, g) : std::abs(y) > limit;
        const float inside = rule == LimitRule::learn ? q[i] - y : 0.0F;
        sum += static_cast<double>(g * (outside ? q[i] : inside));
        gradient[i] = outside ? 0.0F : g;
      }
      step_sums_[filter] = sum;
    });
    write_limits(rule, program.parameter(limits_), quantizers.simulation().weight_limit, weights.size, gradients);
  }

 private:
  /// A weight that follows its own limit is held where it is clipped only if it would grow still more, which changes
  /// nothing but itself; all others may return.
  static bool runs_away(float y, float limit, float gradient) noexcept {
    return std::abs(y) > limit + 0.5F && gradient * y < 0;
  }

  void write_limits(LimitRule rule, const Parameter& limits, int levels, std::size_t numbers, float* gradients) {
    if (rule != LimitRule::learn && rule != LimitRule::learn_clip) return;
    const double factor = limit_gradient_factor(rule, levels, numbers / limits.size);
    std::size_t filter = 0;
    for (std::size_t c = 0; c < limits.size; ++c) {
      double sum = 0;
      for (std::size_t i = 0; i < filters_ / limits.size; ++i) sum += step_sums_[filter++];
      gradients[limits.offset + c] = static_cast<float>(sum * factor);
    }
  }

  int weight_;
  std::size_t filters_;
  int limits_;
  std::vector<double> step_sums_;  ///< Per filter: the gradient of its step.
};

}  // namespace attar::detail
