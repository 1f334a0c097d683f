// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include <attar/core/aligned_buffer.hpp>
#include <attar/core/parallel.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/layers/op.hpp>
#include <attar/model/fuse.hpp>
#include <attar/model/int8_model.hpp>
#include <attar/model/int8_simulation.hpp>
#include <attar/model/program.hpp>
#include <attar/model/weight_limit.hpp>

namespace attar::detail {

/// The largest quantized activation.
[[nodiscard]] constexpr int activation_levels(bool is_signed) noexcept {
  return is_signed ? 127 : 255;
}

/// Whether the result of an operation cannot be negative; `signed_values` says which of those before it can.
[[nodiscard]] inline bool gives_non_negative(const Op& op, const std::vector<bool>& signed_values) {
  if (gives_non_negative(op.activation)) return true;
  switch (op.kind) {
    case OpKind::max_pool:
    case OpKind::avg_pool:
    case OpKind::global_avg_pool:
    case OpKind::flatten:
    case OpKind::concat:
    case OpKind::scale:
    case OpKind::add:
      if (op.activation != Activation::none) return false;
      return std::all_of(op.operands.begin(), op.operands.begin() + op.operand_count,
                         [&](int operand) { return !signed_values[static_cast<std::size_t>(operand)]; });
    default:
      return false;
  }
}

/// The quantizers of a quantization-aware program as its parameters are at the moment, and its quantized weights. Both
/// the training and the conversion to int8 take them from here, so that they agree.
class Quantizers {
 public:
  explicit Quantizers(const Program& program)
      : program_{program},
        simulation_{*program.simulation},
        places_(program.parameters.size()),
        scales_(program.values.size()),
        signed_values_(program.values.size()),
        zero_points_(simulation_.activation_offsets < 0 ? 0 : program.values.size()),
        may_be_negative_(program.values.size(), true),
        sources_(program.values.size()),
        weights_{program.buffer_size},
        integers_{program.buffer_size} {
    std::size_t steps = 0;
    for (std::size_t i = 0; i < program.parameters.size(); ++i) {
      places_[i] = {program.parameters[i].offset, steps};
      const int limits = simulation_.weight_limits[i];
      if (limits >= 0) steps += program.parameter(limits).size;
    }
    steps_.resize(steps);
    finite_.resize(steps);
    std::iota(sources_.begin(), sources_.end(), 0);
    for (const Op& op : fuse(program, FuseFor::inference).ops) {
      may_be_negative_[static_cast<std::size_t>(op.output)] = !gives_non_negative(op, may_be_negative_);
      if (op.kind != OpKind::max_pool && op.kind != OpKind::flatten) continue;
      sources_[static_cast<std::size_t>(op.output)] = sources_[static_cast<std::size_t>(op.operands[0])];
    }
  }

  /// Takes everything from a flat buffer, in which limits that follow the weights are written, none is left negative,
  /// and offsets are brought to where 0 is within the range of their value: to 0 for one that is never negative.
  void update(std::span<float> parameters) {
    parameters_ = parameters;
    const std::span<float> limits = tensor(simulation_.activation_limits);
    for (std::size_t value = 0; value < scales_.size(); ++value) {
      const auto source = static_cast<std::size_t>(sources_[value]);
      limits[source] = std::max(limits[source], 0.0F);
      signed_values_[value] = is_signed(source) ? 1 : 0;
      scales_[value] = step_of(limits[source], activation_levels(signed_values_[value] != 0));
      if (has_zero_points()) set_zero_point(value, limits[source]);
    }
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (simulation_.weight_limits[i] >= 0) quantize(static_cast<int>(i));
    }
  }

  /// The int8 network that is simulated; valid until the next update.
  [[nodiscard]] Int8Model model() const {
    return {program_, detail::span_of(places_), integers_.span(),        steps_,       parameters_,
            scales_,  signed_values_,           simulation_.per_channel, zero_points_, simulation_.weight_limit};
  }
  [[nodiscard]] const Int8Simulation& simulation() const noexcept { return simulation_; }
  [[nodiscard]] const Program& program() const noexcept { return program_; }

  /// The quantized weights, as whole floats at their places in a buffer like that of the parameters.
  [[nodiscard]] std::span<float> weights() noexcept { return weights_.span(); }
  /// The quantized weights of parameter `index`.
  [[nodiscard]] std::span<const float> weight(int index) const {
    return weights_.span().subspan(program_.parameter(index).offset, program_.parameter(index).size);
  }
  /// The steps of the weights of parameter `index`: one per output channel, or one.
  [[nodiscard]] std::span<const float> weight_steps(int index) const {
    const auto i = static_cast<std::size_t>(index);
    return std::span{steps_}.subspan(places_[i].scales, program_.parameter(simulation_.weight_limits[i]).size);
  }
  [[nodiscard]] std::span<const float> scales() const noexcept { return scales_; }
  [[nodiscard]] std::span<const std::uint8_t> signed_values() const noexcept { return signed_values_; }
  /// The integer that stands for 0.
  [[nodiscard]] int zero_point(int value) const {
    return has_zero_points() ? zero_points_[static_cast<std::size_t>(value)] : 0;
  }
  /// Empty where the scheme is symmetric.
  [[nodiscard]] std::span<const std::uint8_t> zero_points() const noexcept { return zero_points_; }
  [[nodiscard]] bool has_zero_points() const noexcept { return simulation_.activation_offsets >= 0; }
  /// Whether a value has a zero point that need not be 0.
  [[nodiscard]] bool has_offset(int value) const {
    return has_zero_points() && may_be_negative_[static_cast<std::size_t>(value)];
  }
  /// The value whose quantizer `value` has: what a max pooling or a flattening reads, else itself.
  [[nodiscard]] int source(int value) const { return sources_[static_cast<std::size_t>(value)]; }
  /// Whether no weight is NaN.
  [[nodiscard]] bool finite() const {
    return detail::all_of(finite_, [](std::uint8_t flag) { return flag != 0; });
  }

 private:
  [[nodiscard]] std::span<float> tensor(int index) const {
    return parameters_.subspan(program_.parameter(index).offset, program_.parameter(index).size);
  }

  [[nodiscard]] bool is_signed(std::size_t source) const {
    return !has_zero_points() && tensor(simulation_.activation_signs)[source] > 0.5F;
  }

  /// An offset that is NaN makes the scale so, by which it is found.
  void set_zero_point(std::size_t value, float limit) {
    const int source = sources_[value];
    float& offset = tensor(simulation_.activation_offsets)[static_cast<std::size_t>(source)];
    offset = has_offset(source) ? std::min(std::max(offset, -limit), 0.0F) : 0.0F;
    const float zero_point = std::nearbyint(-offset / scales_[value]);
    if (zero_point != zero_point) scales_[value] = zero_point;
    zero_points_[value] = zero_point == zero_point ? static_cast<std::uint8_t>(zero_point) : std::uint8_t{0};
  }

  void quantize(int index) {
    const std::span<float> limits = tensor(simulation_.weight_limits[static_cast<std::size_t>(index)]);
    const std::span<const float> weights = tensor(index);
    const std::size_t begin = program_.parameter(index).offset;
    const std::size_t part = weights.size() / limits.size();
    const std::size_t first = places_[static_cast<std::size_t>(index)].scales;
    parallel_for(limits.size(), [&](std::size_t c) {
      const std::span<const float> from = weights.subspan(c * part, part);
      if (simulation_.weights == LimitRule::follow) limits[c] = weight_limit(from, simulation_.weight_limit);
      limits[c] = std::max(limits[c], 0.0F);
      steps_[first + c] = step_of(limits[c], simulation_.weight_limit);
      finite_[first + c] = round(from, steps_[first + c], begin + c * part) ? 1 : 0;
    });
  }

  /// Whether no number is NaN. `to` is where the quantized weights begin.
  [[nodiscard]] bool round(std::span<const float> from, float step, std::size_t to) noexcept {
    const auto limit = static_cast<float>(simulation_.weight_limit);
    bool numbers = true;
    for (std::size_t i = 0; i < from.size(); ++i) {
      const float rounded = std::nearbyint(from[i] / step);
      const float q = std::min(std::max(rounded, -limit), limit);
      weights_[to + i] = q;
      integers_[to + i] = static_cast<std::int8_t>(q == q ? q : 0.0F);
      numbers = numbers && from[i] == from[i];
    }
    return numbers && step == step;
  }

  Program program_;
  Int8Simulation simulation_;
  std::vector<Int8Place> places_;
  std::vector<float> steps_;  ///< Of all weights.
  std::vector<std::uint8_t> finite_;
  std::vector<float> scales_;
  std::vector<std::uint8_t> signed_values_;
  std::vector<std::uint8_t> zero_points_;
  std::vector<bool> may_be_negative_;
  std::vector<int> sources_;
  AlignedBuffer<float> weights_;
  AlignedBuffer<std::int8_t> integers_;  ///< The same as bytes.
  std::span<float> parameters_;
};

}  // namespace attar::detail
