// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>

#include <attar/backend/eigen/conv2d.hpp>
#include <attar/backend/operation.hpp>
#include <attar/core/parallel.hpp>

namespace attar::detail {

/// output (rows x outputs) = function(input (rows x inputs) * weights' + bias). `bias` may be null.
template <std::same_as<float> Real>
void multiply_rows(std::size_t rows, std::size_t inputs, std::size_t outputs, const Real* input, const Real* weights,
                   const Real* bias, Activation function, Real* output) noexcept {
  matrix(output, rows, outputs, outputs).noalias() =
      matrix(input, rows, inputs, inputs) * matrix(weights, outputs, inputs, inputs).transpose();
  with_activation(function, [&]<Activation Function>(ActivationConstant<Function>) {
    for (std::size_t row = 0; row < rows; ++row) {
      for_lanes(0, outputs, [&](std::size_t o, auto lanes) {
        auto value = load(output + row * outputs + o, lanes);
        if (bias != nullptr) value += load(bias + o, lanes);
        store(output + row * outputs + o, activate<Function>(value), lanes);
      });
    }
  });
}

/// y = W x + b in training, by matrix products in Eigen.
template <std::same_as<float> Real>
class EigenLinear final : public Operation<Real, Real> {
 public:
  using typename Operation<Real, Real>::Arguments;

  explicit EigenLinear(const OperationContext& context)
      : batch_{static_cast<std::size_t>(context.batch)},
        inputs_{static_cast<std::size_t>(context.program.shape(context.op.operands[0]).channels)},
        outputs_{static_cast<std::size_t>(context.program.shape(context.op.output).channels)},
        weight_at_{context.program.parameter(context.op.weight).offset},
        has_bias_{context.op.bias >= 0},
        bias_at_{has_bias_ ? context.program.parameter(context.op.bias).offset : 0} {}

  void forward(const Arguments& arguments) override {
    const Real* bias = has_bias_ ? arguments.parameters + bias_at_ : nullptr;
    parallel_ranges(batch_, [&](std::size_t begin, std::size_t end, std::size_t) {
      multiply_rows<Real>(end - begin, inputs_, outputs_, arguments.inputs[0] + begin * inputs_,
                          arguments.parameters + weight_at_, bias, Activation::none,
                          arguments.output + begin * outputs_);
    });
  }

  void backward(const Arguments& arguments) override {
    const auto gradient = matrix(arguments.output_gradient, batch_, outputs_, outputs_);
    const auto input = matrix(arguments.inputs[0], batch_, inputs_, inputs_);
    parallel_ranges(outputs_, [&](std::size_t begin, std::size_t end, std::size_t) {
      const auto first = static_cast<::Eigen::Index>(begin);
      const auto count = static_cast<::Eigen::Index>(end - begin);
      matrix(arguments.gradients + weight_at_ + begin * inputs_, end - begin, inputs_, inputs_).noalias() =
          gradient.middleCols(first, count).transpose() * input;
      if (has_bias_) {
        matrix(arguments.gradients + bias_at_ + begin, 1, end - begin, outputs_).noalias() =
            gradient.middleCols(first, count).colwise().sum();
      }
    });
    Real* result = arguments.input_gradients[0];
    if (result == nullptr) return;
    const auto weights =
        matrix(static_cast<const Real*>(arguments.parameters + weight_at_), outputs_, inputs_, inputs_);
    parallel_ranges(batch_, [&](std::size_t begin, std::size_t end, std::size_t) {
      const auto rows =
          gradient.middleRows(static_cast<::Eigen::Index>(begin), static_cast<::Eigen::Index>(end - begin));
      auto part = matrix(result + begin * inputs_, end - begin, inputs_, inputs_);
      if (arguments.accumulate[0]) {
        part.noalias() += rows * weights;
      } else {
        part.noalias() = rows * weights;
      }
    });
  }

 private:
  std::size_t batch_;
  std::size_t inputs_;
  std::size_t outputs_;
  std::size_t weight_at_;
  bool has_bias_;
  std::size_t bias_at_;
};

}  // namespace attar::detail
