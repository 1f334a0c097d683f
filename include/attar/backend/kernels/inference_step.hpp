// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include <attar/backend/kernels/activation.hpp>
#include <attar/backend/kernels/add.hpp>
#include <attar/backend/kernels/affine.hpp>
#include <attar/backend/kernels/avg_pool.hpp>
#include <attar/backend/kernels/channel_rows.hpp>
#include <attar/backend/kernels/concat.hpp>
#include <attar/backend/kernels/flatten.hpp>
#include <attar/backend/kernels/global_avg_pool.hpp>
#include <attar/backend/kernels/kernel_kind.hpp>
#include <attar/backend/kernels/max_pool.hpp>
#include <attar/backend/kernels/pooling.hpp>
#include <attar/backend/kernels/scale.hpp>
#include <attar/backend/operation.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/core/aligned_buffer.hpp>

namespace attar::detail {

/// Any step of an inference but `conv2d` and `linear`, by the portable kernels.
template <class Storage>
class KernelStep {
 public:
  using Binding = StepPointers;

  KernelStep(const OperationContext& context, std::span<const float> parameters)
      : op_{context.op},
        in_{context.program.shape(op_.operands[0])},
        out_{context.program.shape(op_.output)},
        batch_{static_cast<std::size_t>(context.batch)} {
    if (op_.kind == OpKind::max_pool || op_.kind == OpKind::avg_pool) {
      geometry_ = std::make_unique<PoolGeometry>(context);
    }
    for (std::size_t k = 0; k < static_cast<std::size_t>(op_.operand_count); ++k) {
      operand_channels_[k] = static_cast<std::size_t>(context.program.shape(op_.operands[k]).channels);
    }
    if (op_.kind == OpKind::batch_norm) prepare_norm(context.program, parameters);
  }

  [[nodiscard]] std::string kernel_name() const { return "attar kernel"; }
  [[nodiscard]] std::size_t scratchpad_bytes() const noexcept { return 0; }
  [[nodiscard]] Binding bind(const StepPointers& pointers) const noexcept { return pointers; }

  void execute(Binding& p) const noexcept {
    with_kernel_kind(op_.kind, [&](auto kind) { execute_as<kind()>(p); });
  }
  /// The same for a kind of operation that the compiler knows.
  template <OpKind Kind>
  void execute_as(const StepPointers& p) const noexcept {
    const auto* input = reinterpret_cast<const Storage*>(p.inputs[0]);
    const auto* second = reinterpret_cast<const Storage*>(p.inputs[1]);
    auto* output = reinterpret_cast<Storage*>(p.output);
    const std::size_t size = batch_ * out_.size();
    if constexpr (Kind == OpKind::batch_norm) {
      apply_affine(*rows_, input, scale_.data(), offset_.data(), reinterpret_cast<const Storage*>(p.residual),
                   op_.activation, false, output);
    } else if constexpr (Kind == OpKind::activation) {
      apply_activation(input, size, op_.activation, output);
    } else if constexpr (Kind == OpKind::max_pool) {
      apply_max_pool(*geometry_, batch_, input, output);
    } else if constexpr (Kind == OpKind::avg_pool) {
      apply_avg_pool(*geometry_, batch_, input, output);
    } else if constexpr (Kind == OpKind::global_avg_pool) {
      apply_global_avg_pool(batch_, in_.pixels(), operand_channels_[0], input, output);
    } else if constexpr (Kind == OpKind::flatten) {
      apply_flatten(batch_, in_.pixels(), operand_channels_[0], input, output);
    } else if constexpr (Kind == OpKind::add) {
      apply_add(input, second, size, op_.activation, output);
    } else if constexpr (Kind == OpKind::scale) {
      apply_scale(batch_, out_.pixels(), operand_channels_[0], input, second, output);
    } else {
      static_assert(Kind == OpKind::concat);
      std::size_t at = 0;
      for (std::size_t k = 0; k < static_cast<std::size_t>(op_.operand_count); ++k) {
        apply_concat(batch_ * out_.pixels(), reinterpret_cast<const Storage*>(p.inputs[k]), operand_channels_[k], at,
                     static_cast<std::size_t>(out_.channels), output);
        at += operand_channels_[k];
      }
    }
  }

 private:
  void prepare_norm(const Program& program, std::span<const float> parameters) {
    const auto number = [&](int index, std::size_t c) {
      return double{parameters[program.parameter(index).offset + c]};
    };
    const auto gain = [&](std::size_t c) {
      return number(op_.weight, c) / std::sqrt(number(op_.running_var, c) + op_.epsilon);
    };
    rows_ = std::make_unique<ChannelRows>(operand_channels_[0], batch_ * out_.pixels());
    scale_ = AlignedBuffer<float>{rows_->row()};
    offset_ = AlignedBuffer<float>{rows_->row()};
    rows_->repeat(scale_.data(), gain);
    rows_->repeat(offset_.data(),
                  [&](std::size_t c) { return number(op_.bias, c) - number(op_.running_mean, c) * gain(c); });
  }

  Op op_;
  Shape in_;
  Shape out_;
  std::size_t batch_;
  std::array<std::size_t, max_operands> operand_channels_{};
  std::unique_ptr<PoolGeometry> geometry_;
  std::unique_ptr<ChannelRows> rows_;
  AlignedBuffer<float> scale_;
  AlignedBuffer<float> offset_;
};

}  // namespace attar::detail
