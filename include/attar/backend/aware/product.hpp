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
        factors_(static_cast<std::size_t>(context.program.shape(context.op.output).channels)) {}

  void forward(const Arguments& a) override {
    arithmetic_ = shared_.prepare(op_);
    Arguments product = bare_arguments(a);
    product.output = output_.y();
    bare_->forward(product);
    const float* sums = output_.y();
    const float* zero_sums = arithmetic_.zero_sums.data();
    if (arithmetic_.zero_sums.empty()) {
      finish(a, [sums](std::size_t i, std::size_t, auto lanes) { return load(sums + i, lanes); });
    } else {
      finish(a, [sums, zero_sums](std::size_t i, std::size_t c, auto lanes) {
        return load(sums + i, lanes) + load(zero_sums + c, lanes);
      });
    }
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
  /// Writes the result. `sum(i, channel, lanes)` gives the engine's sums, of bytes, in padding too.
  template <class Sum>
  void finish(const Arguments& a, const Sum& sum) noexcept {
    output_.forward(arithmetic_, a, [&](std::size_t i, std::size_t c, auto lanes) {
      auto y = sum(i, c, lanes) * load(arithmetic_.multiplier.data() + c, lanes);
      round_here(y);
      return y + load(arithmetic_.offset.data() + c, lanes);
    });
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
  std::vector<float> factors_;  ///< The weights' steps, per channel.
  Int8Op arithmetic_;           ///< Of the last forward.
};

}  // namespace attar::detail
