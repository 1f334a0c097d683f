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
#include <attar/backend/gradient_plan.hpp>
#include <attar/backend/operation.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/error.hpp>
#include <attar/core/parallel.hpp>
#include <attar/detail/whole_range.hpp>
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
  TrainingSession(const Program& program, int batch, std::span<const int> taps = {});
  TrainingSession(TrainingSession&&) noexcept;
  TrainingSession& operator=(TrainingSession&&) noexcept;
  ~TrainingSession();

  [[nodiscard]] int batch() const noexcept { return batch_; }

  /// The logits (batch x classes) of `images` (batch x H x W x C), in training mode: norms use the batch's statistics
  /// and update the running ones in `parameters`. `step` numbers the training steps, for random masks.
  std::span<const Scalar> forward(std::span<const Scalar> images, std::span<Scalar> parameters, std::uint64_t step);

  /// The feature maps at the tap of that number, as the last `forward` made them: batch x H x W x C.
  std::span<const Scalar> maps(std::size_t tap);

  /// The gradient of the loss with respect to the parameters, from those with respect to the logits of the last
  /// `forward` and to the maps at each tap. Overwrites the tensors of `gradients`, a buffer laid out as the trainable
  /// parameters.
  void backward(std::span<const Scalar> logits_gradient, std::span<Scalar> gradients,
                std::span<const std::span<const Scalar>> map_gradients = {});

  /// The layer whose output first held NaN or infinity in the last `forward`.
  [[nodiscard]] std::optional<LayerRow> first_non_finite() const;

 private:
  using Arguments = OperationArguments<Storage, Scalar>;
  static constexpr bool in_float = std::is_same_v<Storage, float> && std::is_same_v<Scalar, float>;

  [[nodiscard]] std::size_t elements(int value) const {
    return static_cast<std::size_t>(batch_) * program_.shape(value).size();
  }
  [[nodiscard]] Storage* value(int index) { return values_[static_cast<std::size_t>(index)].data(); }

  OperationPointer<Storage, Scalar> prepare(const OperationContext& context);

  void require_rounded_taps() const;

  /// Reads the images and, of a quantization-aware program, the quantizers.
  void take_images(std::span<const Scalar> images, std::span<Scalar> parameters);

  /// What a value stands for.
  void give(int index, std::span<Scalar> to);

  /// Not every value has a quantizer, but the tensor has room for all.
  void clear_limit_gradients();

  void allocate_values();

  [[nodiscard]] Storage* gradient(int buffer) {
    return buffer == detail::no_gradient ? nullptr : gradient_buffers_[static_cast<std::size_t>(buffer)].data();
  }

  [[nodiscard]] Arguments arguments(std::size_t index);

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
  detail::GradientPlan gradient_plan_;
  std::vector<AlignedBuffer<Storage>> gradient_buffers_;
  std::vector<AlignedBuffer<Scalar>> maps_;  ///< Where values are not kept as scalars.
  std::vector<OperationPointer<Storage, Scalar>> operations_;
  AlignedBuffer<Scalar> logits_;
  Scalar* parameters_ = nullptr;
  Scalar* gradients_ = nullptr;
  std::uint64_t step_ = 0;
};

template <class Backend, class StorageType>
TrainingSession<Backend, StorageType>::TrainingSession(const Program& program, int batch, std::span<const int> taps)
    : program_{program},
      batch_{batch},
      fused_{fuse(program, program.simulation == nullptr ? FuseFor::training : FuseFor::inference, taps)} {
  if (program.simulation != nullptr) {
    require_rounded_taps();
    aware_ = std::make_unique<detail::AwareShared>(program_, fused_, batch_);
  }
  allocate_values();
  gradient_plan_ = detail::GradientPlanner{program_, fused_, batch_}.plan();
  for (const std::size_t size : gradient_plan_.sizes) gradient_buffers_.emplace_back(size);
  for (const Op& op : fused_.ops) operations_.push_back(prepare(OperationContext{op, program_, batch_}));
  logits_ = AlignedBuffer<Scalar>{elements(fused_.output)};
  const bool as_kept = std::is_same_v<Storage, Scalar> && aware_ == nullptr;
  for (const int tap : fused_.taps) maps_.emplace_back(as_kept ? 0 : elements(tap));
}

template <class Backend, class StorageType>
TrainingSession<Backend, StorageType>::TrainingSession(TrainingSession&&) noexcept = default;
template <class Backend, class StorageType>
auto TrainingSession<Backend, StorageType>::operator=(TrainingSession&&) noexcept -> TrainingSession& = default;
template <class Backend, class StorageType>
TrainingSession<Backend, StorageType>::~TrainingSession() = default;

template <class Backend, class StorageType>
auto TrainingSession<Backend, StorageType>::forward(std::span<const Scalar> images, std::span<Scalar> parameters,
                                                    std::uint64_t step) -> std::span<const Scalar> {
  parameters_ = parameters.data();
  step_ = step;
  take_images(images, parameters);
  for (std::size_t i = 0; i < operations_.size(); ++i) operations_[i]->forward(arguments(i));
  give(fused_.output, logits_.span());
  return logits_.span();
}

template <class Backend, class StorageType>
auto TrainingSession<Backend, StorageType>::maps(std::size_t tap) -> std::span<const Scalar> {
  const int at = fused_.taps[tap];
  if constexpr (std::is_same_v<Storage, Scalar>) {
    if (aware_ == nullptr) return {value(at), elements(at)};
  }
  give(at, maps_[tap].span());
  return maps_[tap].span();
}

template <class Backend, class StorageType>
void TrainingSession<Backend, StorageType>::backward(std::span<const Scalar> logits_gradient,
                                                     std::span<Scalar> gradients,
                                                     std::span<const std::span<const Scalar>> map_gradients) {
  convert(logits_gradient.data(), gradient(gradient_plan_.logits), logits_gradient.size());
  for (std::size_t tap = 0; tap < gradient_plan_.taps.size(); ++tap) {
    const std::span<const Scalar> from = map_gradients[tap];
    const auto [buffer, add] = gradient_plan_.taps[tap];
    Storage* const to = gradient(buffer);
    if (add) {
      for (std::size_t i = 0; i < from.size(); ++i) to[i] = static_cast<Storage>(static_cast<Scalar>(to[i]) + from[i]);
    } else {
      convert(from.data(), to, from.size());
    }
  }
  gradients_ = gradients.data();
  clear_limit_gradients();
  for (std::size_t i = operations_.size(); i-- > 0;) operations_[i]->backward(arguments(i));
}

template <class Backend, class StorageType>
std::optional<LayerRow> TrainingSession<Backend, StorageType>::first_non_finite() const {
  for (const Op& op : fused_.ops) {
    const AlignedBuffer<Storage>& buffer = values_[static_cast<std::size_t>(op.output)];
    const bool finite =
        std::all_of(buffer.begin(), buffer.end(), [](Storage x) { return std::isfinite(static_cast<Scalar>(x)); });
    if (!finite) return program_.rows[static_cast<std::size_t>(op.layer)];
  }
  return std::nullopt;
}

template <class Backend, class StorageType>
auto TrainingSession<Backend, StorageType>::prepare(const OperationContext& context)
    -> OperationPointer<Storage, Scalar> {
  if constexpr (in_float) {
    if (aware_ != nullptr) return detail::prepare_aware(context, *aware_, Backend::template prepare<float>);
  } else if (aware_ != nullptr) {
    raise(Error{ErrorCode::unsupported, "quantization-aware training", "a trainer of precision Fp32",
                "another precision"});
  }
  return Backend::template prepare<Storage>(context);
}

template <class Backend, class StorageType>
void TrainingSession<Backend, StorageType>::require_rounded_taps() const {
  const FusedProgram engine = fuse(program_, FuseFor::inference);
  for (const int tap : fused_.taps) {
    const bool rounded = tap == 0 || detail::any_of(engine.ops, [&](const Op& op) { return op.output == tap; });
    if (rounded) continue;
    for (const LayerRow& row : program_.rows) {
      if (row.value != tap) continue;
      raise(Error{
          ErrorCode::unsupported,
          "tap of a quantization-aware network at " + std::string{row.path.view()} + " (" + std::string{row.name} + ")",
          "a layer whose result the int8 engine keeps",
          "one that is fused with the sum or the activation behind it; tap behind that"});
    }
  }
}

template <class Backend, class StorageType>
void TrainingSession<Backend, StorageType>::take_images(std::span<const Scalar> images, std::span<Scalar> parameters) {
  if constexpr (in_float) {
    if (aware_ != nullptr) {
      aware_->quantizers.update(parameters);
      return aware_->quantize_images(images.data(), values_[0].size(), values_[0].data());
    }
  }
  convert(images.data(), values_[0].data(), values_[0].size());
}

template <class Backend, class StorageType>
void TrainingSession<Backend, StorageType>::give(int index, std::span<Scalar> to) {
  if constexpr (in_float) {
    if (aware_ != nullptr) return aware_->to_real(index, value(index), to.size(), to.data());
  }
  convert(value(index), to.data(), to.size());
}

template <class Backend, class StorageType>
void TrainingSession<Backend, StorageType>::clear_limit_gradients() {
  if (aware_ == nullptr) return;
  const Int8Simulation& simulation = *program_.simulation;
  for (const int index : {simulation.activation_limits, simulation.activation_offsets}) {
    if (index < 0 || program_.parameter(index).role != Role::limit) continue;
    std::fill_n(gradients_ + program_.parameter(index).offset, program_.parameter(index).size, Scalar{0});
  }
}

template <class Backend, class StorageType>
void TrainingSession<Backend, StorageType>::allocate_values() {
  values_.resize(program_.values.size());
  values_[0] = AlignedBuffer<Storage>{elements(0)};
  for (const Op& op : fused_.ops)
    values_[static_cast<std::size_t>(op.output)] = AlignedBuffer<Storage>{elements(op.output)};
}

template <class Backend, class StorageType>
auto TrainingSession<Backend, StorageType>::arguments(std::size_t index) -> Arguments {
  const Op& op = fused_.ops[index];
  const detail::OperationGradients& plan = gradient_plan_.operations[index];
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

}  // namespace attar
