// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <attar/backend/operation.hpp>
#include <attar/core/parallel.hpp>

namespace attar::detail {

/// output (batch x C x pixels) = `input` (batch x pixels x C), transposed image by image.
template <class Storage>
void apply_flatten(std::size_t batch, std::size_t pixels, std::size_t channels, const Storage* input,
                   Storage* output) noexcept {
  parallel_for(batch, [&](std::size_t image) {
    const Storage* from = input + image * pixels * channels;
    Storage* to = output + image * pixels * channels;
    for (std::size_t c = 0; c < channels; ++c) {
      for (std::size_t pixel = 0; pixel < pixels; ++pixel) to[c * pixels + pixel] = from[pixel * channels + c];
    }
  });
}

/// C x H x W to a vector in PyTorch's order.
template <class Storage>
class FlattenKernel final : public Operation<Storage, float> {
 public:
  using typename Operation<Storage, float>::Arguments;

  explicit FlattenKernel(const OperationContext& context)
      : batch_{static_cast<std::size_t>(context.batch)},
        pixels_{context.program.shape(context.op.operands[0]).pixels()},
        channels_{static_cast<std::size_t>(context.program.shape(context.op.operands[0]).channels)} {}

  void forward(const Arguments& arguments) override {
    apply_flatten(batch_, pixels_, channels_, arguments.inputs[0], arguments.output);
  }

  void backward(const Arguments& arguments) override {
    if (arguments.input_gradients[0] == nullptr) return;
    const bool accumulate = arguments.accumulate[0];
    parallel_for(batch_, [&](std::size_t image) {
      const Storage* from = arguments.output_gradient + image * pixels_ * channels_;
      Storage* to = arguments.input_gradients[0] + image * pixels_ * channels_;
      for (std::size_t pixel = 0; pixel < pixels_; ++pixel) {
        for (std::size_t c = 0; c < channels_; ++c) {
          Storage& result = to[pixel * channels_ + c];
          const auto gradient = static_cast<float>(from[c * pixels_ + pixel]);
          result = static_cast<Storage>(accumulate ? static_cast<float>(result) + gradient : gradient);
        }
      }
    });
  }

 private:
  std::size_t batch_;
  std::size_t pixels_;
  std::size_t channels_;
};

}  // namespace attar::detail
