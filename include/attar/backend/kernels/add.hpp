// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <attar/backend/kernels/activate.hpp>
#include <attar/backend/kernels/elementwise.hpp>
#include <attar/backend/operation.hpp>

namespace attar::detail {

/// output = function(first + second), `count` numbers.
template <class Storage>
void apply_add(const Storage* first, const Storage* second, std::size_t count, Activation function,
               Storage* output) noexcept {
  with_activation(function, [&]<Activation Function>(ActivationConstant<Function>) {
    for_elements(count, [&](std::size_t i, auto lanes) {
      store(output + i, activate<Function>(load(first + i, lanes) + load(second + i, lanes)), lanes);
    });
  });
}

/// The sum of two values, with the ReLU behind it if `fuse` put it there: both have the same derivative at the result
/// as at their operand.
template <class Storage>
class AddKernel final : public Operation<Storage, float> {
 public:
  using typename Operation<Storage, float>::Arguments;

  explicit AddKernel(const OperationContext& context)
      : function_{context.op.activation},
        count_{static_cast<std::size_t>(context.batch) * context.program.shape(context.op.output).size()} {}

  void forward(const Arguments& arguments) override {
    apply_add(arguments.inputs[0], arguments.inputs[1], count_, function_, arguments.output);
  }

  void backward(const Arguments& arguments) override {
    with_activation(function_, [&]<Activation Function>(ActivationConstant<Function>) {
      for_elements(count_, [&](std::size_t i, auto lanes) {
        auto gradient = load(arguments.output_gradient + i, lanes);
        if (arguments.second_output_gradient != nullptr) gradient += load(arguments.second_output_gradient + i, lanes);
        gradient = activation_gradient<Function>(load(arguments.output + i, lanes), gradient);
        for (std::size_t k = 0; k < 2; ++k) {
          Storage* result = arguments.input_gradients[k];
          if (result != nullptr) put(result + i, gradient, arguments.accumulate[k], lanes);
        }
      });
    });
  }

 private:
  Activation function_;
  std::size_t count_;
};

}  // namespace attar::detail
