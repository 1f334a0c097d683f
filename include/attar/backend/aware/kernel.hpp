// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include <attar/backend/aware/output.hpp>
#include <attar/backend/aware/shared.hpp>
#include <attar/backend/kernels/int8.hpp>
#include <attar/backend/kernels/int8_step.hpp>
#include <attar/backend/operation.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/parallel.hpp>
#include <attar/model/int8_model.hpp>

namespace attar::detail {

/// Any other operation that rounds its result, in quantization-aware training: the kernel of the int8 engine, stopped
/// before residual, activation and rounding.
class AwareKernel {
 public:
  AwareKernel(const OperationContext& context, AwareShared& shared)
      : op_{context.op}, batch_{context.batch}, shared_{shared}, output_{context, shared} {
    for (std::size_t k = 0; k < operands(); ++k) {
      bytes_[k] =
          AlignedBuffer<std::byte>{static_cast<std::size_t>(batch_) * context.program.shape(op_.operands[k]).size()};
    }
  }

  void forward(const OperationArguments<float, float>& a) {
    arithmetic_ = shared_.prepare(op_);
    Int8Op bare = arithmetic_;
    bare.activation = Int8Activation::none;
    bare.float_output = true;
    const Int8KernelStep step{std::move(bare), batch_};
    StepPointers pointers;
    for (std::size_t k = 0; k < operands(); ++k) {
      // Whole numbers within the range of their bytes: nothing is rounded.
      const Int8Format format{1.0F, arithmetic_.signed_operands[k], arithmetic_.zero_points[k]};
      int8_quantize(a.inputs[k], bytes_[k].size(), format, bytes_[k].data());
      pointers.inputs[k] = bytes_[k].data();
    }
    pointers.output = as_bytes(output_.y());
    auto binding = step.bind(pointers);
    step.execute(binding);
    output_.forward(arithmetic_, a,
                    [&](std::size_t i, std::size_t, auto lanes) { return load(output_.y() + i, lanes); });
  }

  /// Leaves the gradient in front of residual and activation, times `factors`, in `shared.gradient`.
  void backward(const OperationArguments<float, float>& a, const float* factors = nullptr) {
    output_.backward(arithmetic_, a, factors);
  }

  [[nodiscard]] const Op& op() const noexcept { return op_; }
  [[nodiscard]] AwareShared& shared() const noexcept { return shared_; }
  [[nodiscard]] const AwareOutput& output() const noexcept { return output_; }
  [[nodiscard]] float operand_scale(std::size_t k) const {
    return shared_.quantizers.scales()[static_cast<std::size_t>(op_.operands[k])];
  }

 private:
  [[nodiscard]] std::size_t operands() const noexcept { return static_cast<std::size_t>(op_.operand_count); }
  static std::byte* as_bytes(float* numbers) noexcept { return reinterpret_cast<std::byte*>(numbers); }

  Op op_;
  int batch_;
  AwareShared& shared_;
  AwareOutput output_;
  std::array<AlignedBuffer<std::byte>, max_operands> bytes_;
  Int8Op arithmetic_;  ///< Of the last forward.
};

/// Sums, concatenations and means: linear, so that the backend's own backward is right for what numbers stand for.
class AwareLinearMap final : public Operation<float, float> {
 public:
  AwareLinearMap(const OperationContext& context, AwareShared& shared, OperationPointer<float, float> bare)
      : kernel_{context, shared}, bare_{std::move(bare)} {}

  void forward(const Arguments& a) override { kernel_.forward(a); }

  void backward(const Arguments& a) override {
    kernel_.backward(a);
    Arguments map = a;
    map.residual = nullptr;
    map.residual_gradient = nullptr;
    map.output_gradient = kernel_.shared().gradient.data();
    map.second_output_gradient = nullptr;
    bare_->backward(map);
  }

 private:
  AwareKernel kernel_;
  OperationPointer<float, float> bare_;
};

/// The product of two values, channel by channel.
class AwareScale final : public Operation<float, float> {
 public:
  AwareScale(const OperationContext& context, AwareShared& shared, OperationPointer<float, float> bare)
      : kernel_{context, shared},
        bare_{std::move(bare)},
        factors_(static_cast<std::size_t>(context.program.shape(context.op.output).channels)) {}

  void forward(const Arguments& a) override { kernel_.forward(a); }

  void backward(const Arguments& a) override {
    // The gradient of one operand is a product with the other, whose numbers stand for themselves times a scale.
    for (const std::size_t k : {std::size_t{0}, std::size_t{1}}) {
      factors_.assign(factors_.size(), kernel_.operand_scale(1 - k));
      Arguments product = a;
      if (k == 1) product.residual_gradient = nullptr;  // It has been written.
      kernel_.backward(product, factors_.data());
      product.output_gradient = kernel_.shared().gradient.data();
      product.second_output_gradient = nullptr;
      product.input_gradients[1 - k] = nullptr;
      if (product.input_gradients[k] != nullptr) bare_->backward(product);
    }
  }

 private:
  AwareKernel kernel_;
  OperationPointer<float, float> bare_;
  std::vector<float> factors_;
};

/// A norm that could not be folded: a factor and a shift per channel. Its statistics stay.
class AwareNorm final : public Operation<float, float> {
 public:
  AwareNorm(const OperationContext& context, AwareShared& shared)
      : kernel_{context, shared},
        program_{context.program},
        batch_{static_cast<std::size_t>(context.batch)},
        channels_{static_cast<std::size_t>(context.program.shape(context.op.output).channels)},
        pixels_{context.program.shape(context.op.output).pixels()},
        parts_{std::min<std::size_t>(batch_, 16)},
        gains_(channels_),
        sums_{parts_ * channels_} {}

  void forward(const Arguments& a) override { kernel_.forward(a); }

  void backward(const Arguments& a) override {
    kernel_.backward(a);
    const auto deviation = [&](std::size_t c) {
      return std::sqrt(static_cast<double>(number(a, kernel_.op().running_var, c)) + kernel_.op().epsilon);
    };
    for (std::size_t c = 0; c < channels_; ++c) {
      gains_[c] = static_cast<float>(static_cast<double>(number(a, kernel_.op().weight, c)) / deviation(c));
    }
    parallel_for(parts_, [&](std::size_t part) { pass(a, part); });
    for (std::size_t part = 1; part < parts_; ++part) {
      for (std::size_t c = 0; c < channels_; ++c) sums_[c] += sums_[part * channels_ + c];
    }
    const auto of_shift = kernel_.output().channel_sums();
    for (std::size_t c = 0; c < channels_; ++c) {
      const double of_factor =
          static_cast<double>(sums_[c]) * static_cast<double>(kernel_.operand_scale(0)) -
          static_cast<double>(of_shift[c]) * static_cast<double>(number(a, kernel_.op().running_mean, c));
      a.gradients[at(kernel_.op().weight) + c] = static_cast<float>(of_factor / deviation(c));
      a.gradients[at(kernel_.op().bias) + c] = of_shift[c];
    }
  }

 private:
  [[nodiscard]] std::size_t at(int parameter) const { return program_.parameter(parameter).offset; }
  [[nodiscard]] float number(const Arguments& a, int parameter, std::size_t c) const {
    return a.parameters[at(parameter) + c];
  }

  /// The gradient of the operand, and the sums of gradient times operand.
  void pass(const Arguments& a, std::size_t part) noexcept {
    const float* gradient = kernel_.shared().gradient.data();
    float* const sums = sums_.data() + part * channels_;
    std::fill_n(sums, channels_, 0.0F);
    const std::size_t last = batch_ * (part + 1) / parts_ * pixels_;
    for (std::size_t pixel = batch_ * part / parts_ * pixels_; pixel < last; ++pixel) {
      for_lanes(0, channels_, [&](std::size_t c, auto lanes) {
        const std::size_t i = pixel * channels_ + c;
        const auto g = load(gradient + i, lanes);
        store(sums + c, load(sums + c, lanes) + g * load(a.inputs[0] + i, lanes), lanes);
        if (a.input_gradients[0] == nullptr) return;
        put(a.input_gradients[0] + i, g * load(gains_.data() + c, lanes), a.accumulate[0], lanes);
      });
    }
  }

  AwareKernel kernel_;
  Program program_;
  std::size_t batch_;
  std::size_t channels_;
  std::size_t pixels_;
  std::size_t parts_;
  std::vector<float> gains_;
  AlignedBuffer<float> sums_;
};

}  // namespace attar::detail
