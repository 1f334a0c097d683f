// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <attar/backend/kernels/activate.hpp>
#include <attar/backend/kernels/elementwise.hpp>
#include <attar/backend/operation.hpp>

namespace attar::detail {

/// output = function(input), `count` numbers.
template <class Storage>
void apply_activation(const Storage* input, std::size_t count, Activation function, Storage* output) noexcept {
  with_activation(function, [&]<Activation Function>(ActivationConstant<Function>) {
    for_elements(count, [&](std::size_t i, auto lanes) {
      store(output + i, activate<Function>(load(input + i, lanes)), lanes);
    });
  });
}

/// An elementwise function.
template <class Storage>
class ActivationKernel final : public Operation<Storage, float> {
 public:
  using typename Operation<Storage, float>::Arguments;

  explicit ActivationKernel(const OperationContext& context)
      : function_{context.op.activation},
        count_{static_cast<std::size_t>(context.batch) * context.program.shape(context.op.output).size()} {}

  void forward(const Arguments& arguments) override {
    apply_activation(arguments.inputs[0], count_, function_, arguments.output);
  }

  void backward(const Arguments& arguments) override {
    Storage* result = arguments.input_gradients[0];
    if (result == nullptr) return;
    with_activation(function_, [&]<Activation Function>(ActivationConstant<Function>) {
      for_elements(count_, [&](std::size_t i, auto lanes) {
        const auto gradient = activation_gradient<Function>(load(arguments.inputs[0] + i, lanes),
                                                            load(arguments.output_gradient + i, lanes));
        put(result + i, gradient, arguments.accumulate[0], lanes);
      });
    });
  }

 private:
  Activation function_;
  std::size_t count_;
};

}  // namespace attar::detail
