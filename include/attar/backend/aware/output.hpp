// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>

#include <attar/backend/aware/shared.hpp>
#include <attar/backend/aware/slope.hpp>
#include <attar/backend/int8_program.hpp>
#include <attar/backend/kernels/int8.hpp>
#include <attar/backend/kernels/int8_vector.hpp>
#include <attar/backend/kernels/vector.hpp>
#include <attar/backend/operation.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/parallel.hpp>

namespace attar::detail {

/// What stands behind every operation of a quantization-aware step: residual, activation and quantizer.
class AwareOutput {
 public:
  using Arguments = OperationArguments<float, float>;

  AwareOutput(const OperationContext& context, AwareShared& shared)
      : shared_{shared},
        value_{context.op.output},
        batch_{static_cast<std::size_t>(context.batch)},
        pixels_{context.program.shape(value_).pixels()},
        channels_{static_cast<std::size_t>(context.program.shape(value_).channels)},
        parts_{std::min<std::size_t>(batch_, 16)},
        y_{batch_ * pixels_ * channels_},
        sums_{sum_rows * parts_ * channels_} {}

  /// Where y may be put, before `forward` sees it.
  [[nodiscard]] float* y() noexcept { return y_.data(); }

  /// Writes the quantized result. `y(i, channel, lanes)` gives y, result / scale, at element i; with a zero point, what
  /// the engine has there.
  template <class Y>
  void forward(const Int8Op& op, const Arguments& a, Y&& y) noexcept {
    const QuantizedRange range{op.signed_output};
    const float zero = zero_of(op);
    const float residual_zero = op.op.residual < 0 ? 0.0F : zero_point(op.op.residual);
    with_aware_activation(op, scale_of(op), [&](auto function) {
      for_chunks(batch_ * pixels_, channels_, [&](std::size_t begin, std::size_t end) {
        for (std::size_t pixel = begin; pixel < end; ++pixel) {
          for_lanes(0, channels_, [&](std::size_t c, auto lanes) {
            const std::size_t i = pixel * channels_ + c;
            auto before = y(i, c, lanes);
            if (a.residual != nullptr) {
              before += (load(a.residual + i, lanes) + residual_zero) * op.residual_multiplier;
            }
            store(y_.data() + i, before, lanes);
            const auto after = int8_add(function.value(before), op.result_zero);
            store(a.output + i, op.float_output ? after : round_to(range, after) - zero, lanes);
          });
        }
      });
    });
  }

  /// Writes the gradients in front of residual and activation: that of the residual, and, times `factors` (one per
  /// channel; null: 1), `shared.gradient`. And the gradients of the limit and of the offset.
  void backward(const Int8Op& op, const Arguments& a, const float* factors) noexcept {
    const LimitRule rule = op.float_output ? LimitRule::keep : shared_.quantizers.simulation().activations;
    with_aware_activation(op, scale_of(op), [&](auto function) {
      parallel_for(parts_, [&](std::size_t part) { pass(op, a, factors, rule, function, part); });
    });
    for (std::size_t part = 1; part < parts_; ++part) {
      for (std::size_t i = 0; i < sum_rows * channels_; ++i) sums_[i] += sums_[part * sum_rows * channels_ + i];
    }
    write_limit_gradients(rule, op.signed_output, a.gradients);
  }

  /// Per channel: the sum of the gradients in front of the activation, which is that of a bias.
  [[nodiscard]] std::span<const float> channel_sums() const noexcept { return sums_.span().first(channels_); }

 private:
  [[nodiscard]] double scale_of(const Int8Op& op) const {
    return op.float_output ? 1.0 : double{shared_.quantizers.scales()[static_cast<std::size_t>(value_)]};
  }
  [[nodiscard]] float zero_point(int value) const { return static_cast<float>(shared_.quantizers.zero_point(value)); }
  [[nodiscard]] float zero_of(const Int8Op& op) const { return op.float_output ? 0.0F : zero_point(value_); }

  template <class Function>
  void pass(const Int8Op& op, const Arguments& a, const float* factors, LimitRule rule, Function function,
            std::size_t part) noexcept {
    const QuantizedRange range{op.signed_output};
    const float zero = zero_of(op);
    float* const sums = sums_.data() + part * sum_rows * channels_;
    float* const step_sums = sums + channels_;
    float* const offset_sums = step_sums + channels_;
    std::fill_n(sums, sum_rows * channels_, 0.0F);
    const bool has_offset = shared_.quantizers.has_offset(value_);
    const std::size_t last = batch_ * (part + 1) / parts_ * pixels_;
    for (std::size_t pixel = batch_ * part / parts_ * pixels_; pixel < last; ++pixel) {
      for_lanes(0, channels_, [&]<int L>(std::size_t c, Lanes<L> lanes) {
        const std::size_t i = pixel * channels_ + c;
        const Floats<L> before = load(y_.data() + i, lanes);
        Floats<L> g = load(a.output_gradient + i, lanes);
        if (a.second_output_gradient != nullptr) g += load(a.second_output_gradient + i, lanes);
        if (!op.float_output) {
          const Floats<L> after = int8_add(function.value(before), op.result_zero);
          const auto outside = after < range.low || after > range.high;
          if (rule != LimitRule::keep) {
            const Floats<L> q = load(a.output + i, lanes) + zero;
            const Floats<L> inside = rule == LimitRule::learn ? q - after : Floats<L>{};
            store(step_sums + c, load(step_sums + c, lanes) + g * (outside ? q : inside), lanes);
            if (has_offset) store(offset_sums + c, load(offset_sums + c, lanes) + (outside ? g : Floats<L>{}), lanes);
          }
          g = outside ? Floats<L>{} : g;
        }
        g = function.gradient(before, g);
        store(sums + c, load(sums + c, lanes) + g, lanes);
        if (a.residual_gradient != nullptr) put(a.residual_gradient + i, g, a.accumulate_residual, lanes);
        if (factors != nullptr) g *= load(factors + c, lanes);
        store(shared_.gradient.data() + i, g, lanes);
      });
    }
  }

  /// Of the whole batch: row 0, of gradients; 1, of those of the step; 2, of those of the offset.
  [[nodiscard]] double sum_of(std::size_t row) const noexcept {
    const std::span<const float> sums = sums_.span().subspan(row * channels_, channels_);
    return std::accumulate(sums.begin(), sums.end(), 0.0);
  }

  void write_limit_gradients(LimitRule rule, bool is_signed, float* gradients) noexcept {
    if (rule != LimitRule::learn && rule != LimitRule::learn_clip) return;
    const double factor = limit_gradient_factor(rule, activation_levels(is_signed), pixels_ * channels_);
    shared_.write_limit_gradients(value_, sum_of(1) * factor, sum_of(2), gradients);
  }

  static constexpr std::size_t sum_rows = 3;

  AwareShared& shared_;
  int value_;
  std::size_t batch_;
  std::size_t pixels_;
  std::size_t channels_;
  std::size_t parts_;
  AlignedBuffer<float> y_;     ///< Before the activation.
  AlignedBuffer<float> sums_;  ///< Of each part of the batch: `sum_rows` rows of channels.
};

}  // namespace attar::detail
