// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include <attar/backend/aware/output.hpp>
#include <attar/backend/aware/shared.hpp>
#include <attar/backend/aware/weight_gradient.hpp>
#include <attar/backend/kernels/int8_vector.hpp>
#include <attar/backend/operation.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/model/int8_model.hpp>

namespace attar::detail {

/// A convolution or a linear layer in quantization-aware training. `bare`, an operation of the backend without bias,
/// residual and activation, multiplies whole numbers.
class AwareProduct final : public Operation<float, float> {
 public:
  AwareProduct(const OperationContext& context, AwareShared& shared, OperationPointer<float, float> bare)
      : op_{context.op},
        program_{context.program},
        shared_{shared},
        bare_{std::move(bare)},
        output_{context, shared},
        weight_gradient_{context.program, context.op.weight},
        zero_sums_(static_cast<std::size_t>(context.program.shape(context.op.output).channels)),
        factors_(zero_sums_.size()) {}

  void forward(const Arguments& a) override {
    arithmetic_ = shared_.prepare(op_);
    set_zero_sums();
    Arguments product = bare_arguments(a);
    product.output = output_.y();
    bare_->forward(product);
    const float* sums = output_.y();
    output_.forward(arithmetic_, a, [&](std::size_t i, std::size_t c, auto lanes) {
      auto y =
          (load(sums + i, lanes) + load(zero_sums_.data() + c, lanes)) * load(arithmetic_.multiplier.data() + c, lanes);
      round_here(y);
      return y + load(arithmetic_.offset.data() + c, lanes);
    });
  }

  void backward(const Arguments& a) override {
    const auto steps = shared_.quantizers.weight_steps(op_.weight);
    for (std::size_t c = 0; c < factors_.size(); ++c) factors_[c] = steps[steps.size() == 1 ? 0 : c];
    output_.backward(arithmetic_, a, factors_.data());
    Arguments product = bare_arguments(a);
    product.output = output_.y();
    product.output_gradient = shared_.gradient.data();
    product.input_gradients = a.input_gradients;
    product.accumulate = a.accumulate;
    product.gradients = a.gradients;
    bare_->backward(product);
    const float input_scale = shared_.quantizers.scales()[static_cast<std::size_t>(op_.operands[0])];
    weight_gradient_.write(shared_.quantizers, a.parameters, input_scale, a.gradients);
    if (op_.bias >= 0) {
      detail::copy(output_.channel_sums(), a.gradients + program_.parameter(op_.bias).offset);
    }
  }

 private:
  /// The engine sums up bytes, in padding too, and `offset` takes off what zero points add: exact as the sums are.
  void set_zero_sums() {
    if (!shared_.quantizers.has_zero_points()) return;
    const int zero_point = arithmetic_.zero_points[0];
    const Int8Model model = shared_.quantizers.model();
    for (std::size_t c = 0; c < zero_sums_.size(); ++c) {
      zero_sums_[c] = static_cast<float>(zero_point * model.weight_sum(op_.weight, static_cast<int>(c)));
    }
  }

  [[nodiscard]] Arguments bare_arguments(const Arguments& a) {
    Arguments product;
    product.inputs = a.inputs;
    product.parameters = shared_.quantizers.weights().data();
    product.step = a.step;
    return product;
  }

  Op op_;
  Program program_;
  AwareShared& shared_;
  OperationPointer<float, float> bare_;
  AwareOutput output_;
  WeightGradient weight_gradient_;
  std::vector<float> zero_sums_;  ///< What the operand's zero point adds to the sums of bytes, per channel.
  std::vector<float> factors_;    ///< The weights' steps, per channel.
  Int8Op arithmetic_;             ///< Of the last forward.
};

}  // namespace attar::detail
