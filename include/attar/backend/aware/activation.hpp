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
      double sum = 0;
      for (std::size_t i = image * size_; i < (image + 1) * size_; ++i) {
        const Entry& of = entry(a.inputs[0][i]);
        float g = a.output_gradient[i];
        if (a.second_output_gradient != nullptr) g += a.second_output_gradient[i];
        sum += static_cast<double>(g * of.step_gradient);
        if (a.input_gradients[0] == nullptr) continue;
        float& to = a.input_gradients[0][i];
        to = g * of.slope + (a.accumulate[0] ? to : 0.0F);
      }
      sums_[image] = sum;
    });
    write_limit_gradient(a.gradients);
  }

 private:
  /// What becomes of one quantized number.
  struct Entry {
    float result = 0;
    float slope = 0;          ///< The derivative, 0 where the result is clipped.
    float step_gradient = 0;  ///< The derivative with respect to the step of the result.
  };

  /// NaN is some number, as in the engine.
  [[nodiscard]] const Entry& entry(float q) const noexcept {
    return table_[static_cast<std::uint8_t>(static_cast<int>(q == q ? q : 0.0F))];
  }

  void fill_tables() {
    const Int8Op arithmetic = shared_.prepare(op_);
    const QuantizedRange range{arithmetic.signed_output};
    is_signed_ = arithmetic.signed_output;
    const double from = double{shared_.quantizers.scales()[static_cast<std::size_t>(op_.operands[0])]};
    const double scale = double{shared_.quantizers.scales()[static_cast<std::size_t>(op_.output)]};
    const LimitRule rule = shared_.quantizers.simulation().activations;
    for (std::size_t byte = 0; byte < table_.size(); ++byte) {
      const double x = number_of(byte_of(static_cast<int>(byte)), arithmetic.signed_operands[0]) * from;
      const double y = exact_activation(op_.activation, x) / scale;
      const auto q = static_cast<float>(number_of(arithmetic.table[byte], is_signed_));
      const bool outside = y < double{range.low} || y > double{range.high};
      const float inside = rule == LimitRule::learn ? static_cast<float>(double{q} - y) : 0.0F;
      table_[byte] = {q, outside ? 0.0F : static_cast<float>(reference::derivative(op_.activation, x)),
                      outside ? q : inside};
    }
  }

  void write_limit_gradient(float* gradients) {
    const Int8Simulation& simulation = shared_.quantizers.simulation();
    if (simulation.activations != LimitRule::learn && simulation.activations != LimitRule::learn_clip) return;
    double sum = 0;
    for (const double part : sums_) sum += part;
    const std::size_t at = shared_.quantizers.program().parameter(simulation.activation_limits).offset;
    gradients[at + static_cast<std::size_t>(op_.output)] =
        static_cast<float>(sum * limit_gradient_factor(simulation.activations, activation_levels(is_signed_), size_));
  }

  Op op_;
  AwareShared& shared_;
  std::size_t batch_;
  std::size_t size_;
  bool is_signed_ = false;
  std::array<Entry, 256> table_{};
  std::vector<double> sums_;  ///< Per image: the gradient of the step.
};

}  // namespace attar::detail
