// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <attar/backend/kernels/vector.hpp>
#include <attar/backend/operation.hpp>
#include <attar/core/parallel.hpp>

namespace attar::detail {

/// output (batch x pixels x C) = input * gate (batch x C).
template <class Storage>
void apply_scale(std::size_t batch, std::size_t pixels, std::size_t channels, const Storage* input, const Storage* gate,
                 Storage* output) noexcept {
  parallel_for(batch * pixels, [&](std::size_t pixel) {
    const Storage* factors = gate + pixel / pixels * channels;
    const std::size_t at = pixel * channels;
    for_lanes(0, channels, [&](std::size_t c, auto lanes) {
      store(output + at + c, load(input + at + c, lanes) * load(factors + c, lanes), lanes);
    });
  });
}

/// The first operand times the second, channel by channel.
template <class Storage>
class ScaleKernel final : public Operation<Storage, float> {
 public:
  using typename Operation<Storage, float>::Arguments;

  explicit ScaleKernel(const OperationContext& context)
      : batch_{static_cast<std::size_t>(context.batch)},
        pixels_{context.program.shape(context.op.output).pixels()},
        channels_{static_cast<std::size_t>(context.program.shape(context.op.output).channels)} {}

  void forward(const Arguments& arguments) override {
    apply_scale(batch_, pixels_, channels_, arguments.inputs[0], arguments.inputs[1], arguments.output);
  }

  void backward(const Arguments& arguments) override {
    Storage* of_input = arguments.input_gradients[0];
    Storage* of_gate = arguments.input_gradients[1];
    parallel_for(batch_, [&](std::size_t image) {
      const std::size_t begin = image * pixels_ * channels_;
      for_lanes(0, channels_, [&]<int L>(std::size_t c, Lanes<L> lanes) {
        const Floats<L> gate = load(arguments.inputs[1] + image * channels_ + c, lanes);
        Floats<L> sum{};
        for (std::size_t pixel = 0; pixel < pixels_; ++pixel) {
          const std::size_t i = begin + pixel * channels_ + c;
          const Floats<L> gradient = load(arguments.output_gradient + i, lanes);
          sum += gradient * load(arguments.inputs[0] + i, lanes);
          if (of_input != nullptr) put(of_input + i, gradient * gate, arguments.accumulate[0], lanes);
        }
        if (of_gate != nullptr) put(of_gate + image * channels_ + c, sum, arguments.accumulate[1], lanes);
      });
    });
  }

 private:
  std::size_t batch_;
  std::size_t pixels_;
  std::size_t channels_;
};

}  // namespace attar::detail
