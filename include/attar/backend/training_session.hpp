// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <attar/backend/aware/prepare.hpp>
#include <attar/backend/aware/shared.hpp>
#include <attar/backend/operation.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/error.hpp>
#include <attar/core/parallel.hpp>
#include <attar/model/fuse.hpp>
#include <attar/model/program.hpp>

namespace attar {

/// Forward and backward of a program for a fixed batch size, on the operations of a backend.
///
/// A backend is a type with `Scalar` (of parameters), `template <class Precision> using Storage` (of activations) and
/// `template <class Storage> static OperationPointer<Storage, Scalar> prepare(const OperationContext&)`.
template <class Backend, class StorageType = typename Backend::Scalar>
class TrainingSession {
 public:
  using Scalar = typename Backend::Scalar;
  using Storage = StorageType;

  /// `taps` are values of the program that the caller wants to see and to send gradients into, each named once.
  /// A quantization-aware program is trained in float, else throws `Error` with `unsupported`; so does one that is
  /// tapped where the int8 engine rounds nothing, for there it would have to.
  TrainingSession(const Program& program, int batch, std::span<const int> taps = {})
      : program_{program},
        batch_{batch},
        fused_{fuse(program, program.simulation == nullptr ? FuseFor::training : FuseFor::inference, taps)} {
    if (program.simulation != nullptr) {
      require_rounded_taps();
      aware_ = std::make_unique<detail::AwareShared>(program_, fused_, batch_);
    }
    allocate_values();
    plan_gradients();
    allocate_gradients();
    for (const Op& op : fused_.ops) operations_.push_back(prepare(OperationContext{op, program_, batch_}));
    logits_ = AlignedBuffer<Scalar>{elements(fused_.output)};
    const bool as_kept = std::is_same_v<Storage, Scalar> && aware_ == nullptr;
    for (const int tap : fused_.taps) maps_.emplace_back(as_kept ? 0 : elements(tap));
  }

  [[nodiscard]] int batch() const noexcept { return batch_; }

  /// The logits (batch x classes) of `images` (batch x H x W x C), in training mode: norms use the batch's statistics
  /// and update the running ones in `parameters`. `step` numbers the training steps, for random masks.
  std::span<const Scalar> forward(std::span<const Scalar> images, std::span<Scalar> parameters, std::uint64_t step) {
    parameters_ = parameters.data();
    step_ = step;
    take_images(images, parameters);
    for (std::size_t i = 0; i < operations_.size(); ++i) operations_[i]->forward(arguments(i));
    give(fused_.output, logits_.span());
    return logits_.span();
  }

  /// The feature maps at the tap of that number, as the last `forward` made them: batch x H x W x C.
  std::span<const Scalar> maps(std::size_t tap) {
    const int at = fused_.taps[tap];
    if constexpr (std::is_same_v<Storage, Scalar>) {
      if (aware_ == nullptr) return {value(at), elements(at)};
    }
    give(at, maps_[tap].span());
    return maps_[tap].span();
  }

  /// The gradient of the loss with respect to the parameters, from those with respect to the logits of the last
  /// `forward` and to the maps at each tap. Overwrites the tensors of `gradients`, a buffer laid out as the trainable
  /// parameters.
  void backward(std::span<const Scalar> logits_gradient, std::span<Scalar> gradients,
                std::span<const std::span<const Scalar>> map_gradients = {}) {
    convert(logits_gradient.data(), gradient(first_gradient_), logits_gradient.size());
    for (std::size_t tap = 0; tap < tap_gradients_.size(); ++tap) {
      const std::span<const Scalar> from = map_gradients[tap];
      const auto [buffer, add] = tap_gradients_[tap];
      Storage* const to = gradient(buffer);
      if (add) {
        for (std::size_t i = 0; i < from.size(); ++i)
          to[i] = static_cast<Storage>(static_cast<Scalar>(to[i]) + from[i]);
      } else {
        convert(from.data(), to, from.size());
      }
    }
    gradients_ = gradients.data();
    clear_limit_gradients();
    for (std::size_t i = operations_.size(); i-- > 0;) operations_[i]->backward(arguments(i));
  }

  /// The layer whose output first held NaN or infinity in the last `forward`.
  [[nodiscard]] std::optional<LayerRow> first_non_finite() const {
    for (const Op& op : fused_.ops) {
      const AlignedBuffer<Storage>& buffer = values_[static_cast<std::size_t>(op.output)];
      const bool finite =
          std::all_of(buffer.begin(), buffer.end(), [](Storage x) { return std::isfinite(static_cast<Scalar>(x)); });
      if (!finite) return program_.rows[static_cast<std::size_t>(op.layer)];
    }
    return std::nullopt;
  }

 private:
  using Arguments = OperationArguments<Storage, Scalar>;
  static constexpr int none = -1;
  static constexpr bool in_float = std::is_same_v<Storage, float> && std::is_same_v<Scalar, float>;

  /// Where the gradients that an operation reads and writes are kept: numbers of gradient buffers.
  struct GradientPlan {
    int output = none;
    int second_output = none;
    std::array<int, max_operands> inputs{};
    std::array<bool, max_operands> accumulate{};
    int residual = none;
    bool accumulate_residual = false;
  };

  /// Where the caller's gradient at a tap goes.
  struct TapGradient {
    int buffer;
    bool add;
  };

  [[nodiscard]] std::size_t elements(int value) const {
    return static_cast<std::size_t>(batch_) * program_.shape(value).size();
  }
  [[nodiscard]] Storage* value(int index) { return values_[static_cast<std::size_t>(index)].data(); }

  OperationPointer<Storage, Scalar> prepare(const OperationContext& context) {
    if constexpr (in_float) {
      if (aware_ != nullptr) return detail::prepare_aware<Backend>(context, *aware_);
    } else if (aware_ != nullptr) {
      raise(Error{ErrorCode::unsupported, "quantization-aware training", "a trainer of precision Fp32",
                  "another precision"});
    }
    return Backend::template prepare<Storage>(context);
  }

  void require_rounded_taps() const {
    const FusedProgram engine = fuse(program_, FuseFor::inference);
    for (const int tap : fused_.taps) {
      const bool rounded = tap == 0 || std::ranges::any_of(engine.ops, [&](const Op& op) { return op.output == tap; });
      if (rounded) continue;
      for (const LayerRow& row : program_.rows) {
        if (row.value != tap) continue;
        raise(Error{ErrorCode::unsupported,
                    "tap of a quantization-aware network at " + std::string{row.path.view()} + " (" +
                        std::string{row.name} + ")",
                    "a layer whose result the int8 engine keeps",
                    "one that is fused with the sum or the activation behind it; tap behind that"});
      }
    }
  }

  /// Reads the images and, of a quantization-aware program, the quantizers.
  void take_images(std::span<const Scalar> images, std::span<Scalar> parameters) {
    if constexpr (in_float) {
      if (aware_ != nullptr) {
        aware_->quantizers.update(parameters);
        return aware_->quantize_images(images.data(), values_[0].size(), values_[0].data());
      }
    }
    convert(images.data(), values_[0].data(), values_[0].size());
  }

  /// What a value stands for.
  void give(int index, std::span<Scalar> to) {
    if constexpr (in_float) {
      if (aware_ != nullptr) return aware_->to_real(index, value(index), to.size(), to.data());
    }
    convert(value(index), to.data(), to.size());
  }

  /// Not every value has a quantizer, but the tensor has room for all.
  void clear_limit_gradients() {
    if (aware_ == nullptr) return;
    const Parameter& limits = program_.parameter(program_.simulation->activation_limits);
    if (limits.role == Role::limit) std::fill_n(gradients_ + limits.offset, limits.size, Scalar{0});
  }

  void allocate_values() {
    values_.resize(program_.values.size());
    values_[0] = AlignedBuffer<Storage>{elements(0)};
    for (const Op& op : fused_.ops)
      values_[static_cast<std::size_t>(op.output)] = AlignedBuffer<Storage>{elements(op.output)};
  }

  /// Takes a free gradient buffer of the right size, or a new one. Gradients live briefly, so few buffers serve all
  /// and stay in the cache.
  int take(std::size_t size) {
    for (std::size_t i = 0; i < free_.size(); ++i) {
      const int buffer = free_[i];
      if (gradient_sizes_[static_cast<std::size_t>(buffer)] != size) continue;
      free_.erase(free_.begin() + static_cast<std::ptrdiff_t>(i));
      return buffer;
    }
    gradient_sizes_.push_back(size);
    return static_cast<int>(gradient_sizes_.size()) - 1;
  }

  void plan_gradients() {
    std::vector<int> first(program_.values.size(), none);
    std::vector<int> second(program_.values.size(), none);
    std::vector<bool> takes_two(program_.values.size());
    std::vector<int> readers(program_.values.size());
    for (const Op& op : fused_.ops) {
      takes_two[static_cast<std::size_t>(op.output)] = op.kind == OpKind::batch_norm || op.kind == OpKind::add;
    }
    first[static_cast<std::size_t>(fused_.output)] = first_gradient_ = take(elements(fused_.output));
    for (const int tap : fused_.taps) {
      int& buffer = first[static_cast<std::size_t>(tap)];
      const bool add = buffer != none;  // The logits, or a value that has two names.
      if (!add) buffer = take(elements(tap));
      tap_gradients_.push_back({buffer, add});
    }
    plans_.resize(fused_.ops.size());
    for (std::size_t i = fused_.ops.size(); i-- > 0;) {
      const Op& op = fused_.ops[i];
      GradientPlan& plan = plans_[i];
      plan.inputs.fill(none);
      plan.output = first[static_cast<std::size_t>(op.output)];
      plan.second_output = second[static_cast<std::size_t>(op.output)];
      const auto contribute = [&](int operand, int& buffer, bool& accumulate) {
        if (operand == 0) return;  // Nobody wants the gradient of the images.
        const auto v = static_cast<std::size_t>(operand);
        if (first[v] == none) {
          buffer = first[v] = take(elements(operand));
        } else if (takes_two[v] && second[v] == none) {
          buffer = second[v] = take(elements(operand));
        } else {
          buffer = first[v];
          accumulate = true;
        }
      };
      if (op.residual >= 0) contribute(op.residual, plan.residual, plan.accumulate_residual);
      for (std::size_t k = 0; k < static_cast<std::size_t>(op.operand_count); ++k) {
        contribute(op.operands[k], plan.inputs[k], plan.accumulate[k]);
      }
      if (plan.output != none) free_.push_back(plan.output);
      if (plan.second_output != none) free_.push_back(plan.second_output);
    }
  }

  void allocate_gradients() {
    for (const std::size_t size : gradient_sizes_) gradient_buffers_.emplace_back(size);
  }

  [[nodiscard]] Storage* gradient(int buffer) {
    return buffer == none ? nullptr : gradient_buffers_[static_cast<std::size_t>(buffer)].data();
  }

  [[nodiscard]] Arguments arguments(std::size_t index) {
    const Op& op = fused_.ops[index];
    const GradientPlan& plan = plans_[index];
    Arguments result;
    for (std::size_t k = 0; k < static_cast<std::size_t>(op.operand_count); ++k) {
      result.inputs[k] = value(op.operands[k]);
      result.input_gradients[k] = gradient(plan.inputs[k]);
    }
    result.accumulate = plan.accumulate;
    if (op.residual >= 0) result.residual = value(op.residual);
    result.residual_gradient = gradient(plan.residual);
    result.accumulate_residual = plan.accumulate_residual;
    result.output = value(op.output);
    result.output_gradient = gradient(plan.output);
    result.second_output_gradient = gradient(plan.second_output);
    result.parameters = parameters_;
    result.gradients = gradients_;
    result.step = step_;
    return result;
  }

  template <class From, class To>
  static void convert(const From* from, To* to, std::size_t count) {
    parallel_ranges(count, [&](std::size_t begin, std::size_t end, std::size_t) {
      for (std::size_t i = begin; i < end; ++i) to[i] = static_cast<To>(from[i]);
    });
  }

  Program program_;
  int batch_;
  FusedProgram fused_;
  std::unique_ptr<detail::AwareShared> aware_;  ///< Of a quantization-aware program.
  std::vector<AlignedBuffer<Storage>> values_;
  std::vector<GradientPlan> plans_;
  std::vector<std::size_t> gradient_sizes_;
  std::vector<int> free_;
  std::vector<AlignedBuffer<Storage>> gradient_buffers_;
  int first_gradient_ = none;
  std::vector<TapGradient> tap_gradients_;
  std::vector<AlignedBuffer<Scalar>> maps_;  ///< Where values are not kept as scalars.
  std::vector<OperationPointer<Storage, Scalar>> operations_;
  AlignedBuffer<Scalar> logits_;
  Scalar* parameters_ = nullptr;
  Scalar* gradients_ = nullptr;
  std::uint64_t step_ = 0;
};

}  // namespace attar
