// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <attar/backend/aware/shared.hpp>
#include <attar/backend/int8_program.hpp>
#include <attar/backend/operation.hpp>
#include <attar/backend/reference/activation.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/parallel.hpp>

namespace attar::detail {

/// An activation that nothing before it could take, in quantization-aware training: tables, as in the int8 engine.
class AwareActivation final : public Operation<float, float> {
 public:
  AwareActivation(const OperationContext& context, AwareShared& shared)
      : op_{context.op},
        shared_{shared},
        batch_{static_cast<std::size_t>(context.batch)},
        size_{context.program.shape(op_.output).size()},
        sums_(batch_) {}

  void forward(const Arguments& a) override {
    fill_tables();
    parallel_for(batch_, [&](std::size_t image) {
      for (std::size_t i = image * size_; i < (image + 1) * size_; ++i) a.output[i] = entry(a.inputs[0][i]).result;
    });
  }

  void backward(const Arguments& a) override {
    parallel_for(batch_, [&](std::size_t image) {
      Sums sums;
      for (std::size_t i = image * size_; i < (image + 1) * size_; ++i) {
        const Entry& of = entry(a.inputs[0][i]);
        float g = a.output_gradient[i];
        if (a.second_output_gradient != nullptr) g += a.second_output_gradient[i];
        sums.step += static_cast<double>(g * of.step_gradient);
        sums.offset += static_cast<double>(g * of.offset_gradient);
        if (a.input_gradients[0] == nullptr) continue;
        float& to = a.input_gradients[0][i];
        to = g * of.slope + (a.accumulate[0] ? to : 0.0F);
      }
      sums_[image] = sums;
    });
    write_limit_gradients(a.gradients);
  }

 private:
  /// What becomes of one quantized number.
  struct Entry {
    float result = 0;
    float slope = 0;            ///< The derivative, 0 where the result is clipped.
    float step_gradient = 0;    ///< The derivative with respect to the step of the result.
    float offset_gradient = 0;  ///< And with respect to its offset.
  };
  /// The gradients of the step and the offset of the result.
  struct Sums {
    double step = 0;
    double offset = 0;
  };

  /// NaN is some number, as in the engine.
  [[nodiscard]] const Entry& entry(float q) const noexcept {
    const int byte = static_cast<int>(q == q ? q : 0.0F) + shared_.quantizers.zero_point(op_.operands[0]);
    return table_[static_cast<std::uint8_t>(byte)];
  }

  void fill_tables() {
    const Int8Op arithmetic = shared_.prepare(op_);
    const QuantizedRange range{arithmetic.signed_output};
    is_signed_ = arithmetic.signed_output;
    const double from = double{shared_.quantizers.scales()[static_cast<std::size_t>(op_.operands[0])]};
    const double scale = double{shared_.quantizers.scales()[static_cast<std::size_t>(op_.output)]};
    const int zero_point = shared_.quantizers.zero_point(op_.output);
    const LimitRule rule = shared_.quantizers.simulation().activations;
    for (std::size_t byte = 0; byte < table_.size(); ++byte) {
      const int of_operand = number_of(byte_of(static_cast<int>(byte)), arithmetic.signed_operands[0]);
      const double x = (of_operand - arithmetic.zero_points[0]) * from;
      const double y = exact_activation(op_.activation, x) / scale + zero_point;
      const auto q = static_cast<float>(number_of(arithmetic.table[byte], is_signed_));
      const bool outside = y < double{range.low} || y > double{range.high};
      const float inside = rule == LimitRule::learn ? static_cast<float>(double{q} - y) : 0.0F;
      table_[byte] = {q - static_cast<float>(zero_point),
                      outside ? 0.0F : static_cast<float>(reference::derivative(op_.activation, x)),
                      outside ? q : inside, outside ? 1.0F : 0.0F};
    }
  }

  void write_limit_gradients(float* gradients) {
    const LimitRule rule = shared_.quantizers.simulation().activations;
    if (rule != LimitRule::learn && rule != LimitRule::learn_clip) return;
    Sums all;
    for (const Sums& part : sums_) {
      all.step += part.step;
      all.offset += part.offset;
    }
    const double factor = limit_gradient_factor(rule, activation_levels(is_signed_), size_);
    shared_.write_limit_gradients(op_.output, all.step * factor, all.offset, gradients);
  }

  Op op_;
  AwareShared& shared_;
  std::size_t batch_;
  std::size_t size_;
  bool is_signed_ = false;
  std::array<Entry, 256> table_{};
  std::vector<Sums> sums_;  ///< Per image.
};

}  // namespace attar::detail
