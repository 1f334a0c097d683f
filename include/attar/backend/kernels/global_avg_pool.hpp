// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <attar/backend/kernels/vector.hpp>
#include <attar/backend/operation.hpp>
#include <attar/core/parallel.hpp>

namespace attar::detail {

/// output (batch x C) = the mean of `input` (batch x pixels x C) over the pixels.
template <class Storage>
void apply_global_avg_pool(std::size_t batch, std::size_t pixels, std::size_t channels, const Storage* input,
                           Storage* output) noexcept {
  const float share = 1.0F / static_cast<float>(pixels);
  parallel_for(batch, [&](std::size_t image) {
    const Storage* from = input + image * pixels * channels;
    for_lanes(0, channels, [&]<int L>(std::size_t c, Lanes<L> lanes) {
      Floats<L> sums[4]{};  // Several, so that one addition need not wait for the other.
      std::size_t pixel = 0;
      for (; pixel + 4 <= pixels; pixel += 4) {
        for (std::size_t k = 0; k < 4; ++k) sums[k] += load(from + (pixel + k) * channels + c, lanes);
      }
      for (; pixel < pixels; ++pixel) sums[0] += load(from + pixel * channels + c, lanes);
      store(output + image * channels + c, ((sums[0] + sums[1]) + (sums[2] + sums[3])) * share, lanes);
    });
  });
}

/// The mean over height and width.
template <class Storage>
class GlobalAvgPoolKernel final : public Operation<Storage, float> {
 public:
  using typename Operation<Storage, float>::Arguments;

  explicit GlobalAvgPoolKernel(const OperationContext& context)
      : batch_{static_cast<std::size_t>(context.batch)},
        pixels_{context.program.shape(context.op.operands[0]).pixels()},
        channels_{static_cast<std::size_t>(context.program.shape(context.op.output).channels)} {}

  void forward(const Arguments& arguments) override {
    apply_global_avg_pool(batch_, pixels_, channels_, arguments.inputs[0], arguments.output);
  }

  void backward(const Arguments& arguments) override {
    Storage* result = arguments.input_gradients[0];
    if (result == nullptr) return;
    const float share = 1.0F / static_cast<float>(pixels_);
    parallel_for(batch_, [&](std::size_t image) {
      for (std::size_t pixel = image * pixels_; pixel < (image + 1) * pixels_; ++pixel) {
        for_lanes(0, channels_, [&](std::size_t c, auto lanes) {
          const auto gradient = load(arguments.output_gradient + image * channels_ + c, lanes) * share;
          put(result + pixel * channels_ + c, gradient, arguments.accumulate[0], lanes);
        });
      }
    });
  }

 private:
  std::size_t batch_;
  std::size_t pixels_;
  std::size_t channels_;
};

}  // namespace attar::detail
