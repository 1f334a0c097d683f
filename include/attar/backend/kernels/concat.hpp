// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include <attar/backend/kernels/vector.hpp>
#include <attar/backend/operation.hpp>
#include <attar/core/parallel.hpp>

namespace attar::detail {

/// Copies `channels` numbers of each pixel into the place `at` of pixels of `output` with `row` numbers.
template <class Storage>
void apply_concat(std::size_t pixels, const Storage* input, std::size_t channels, std::size_t at, std::size_t row,
                  Storage* output) noexcept {
  parallel_for(pixels,
               [&](std::size_t pixel) { std::copy_n(input + pixel * channels, channels, output + pixel * row + at); });
}

/// The channels of all operands, one after the other.
template <class Storage>
class ConcatKernel final : public Operation<Storage, float> {
 public:
  using typename Operation<Storage, float>::Arguments;

  explicit ConcatKernel(const OperationContext& context)
      : operands_{static_cast<std::size_t>(context.op.operand_count)},
        pixels_{static_cast<std::size_t>(context.batch) * context.program.shape(context.op.output).pixels()},
        row_{static_cast<std::size_t>(context.program.shape(context.op.output).channels)} {
    for (std::size_t k = 0; k < operands_; ++k) {
      channels_[k] = static_cast<std::size_t>(context.program.shape(context.op.operands[k]).channels);
    }
  }

  void forward(const Arguments& arguments) override {
    std::size_t at = 0;
    for (std::size_t k = 0; k < operands_; at += channels_[k++]) {
      apply_concat(pixels_, arguments.inputs[k], channels_[k], at, row_, arguments.output);
    }
  }

  void backward(const Arguments& arguments) override {
    std::size_t at = 0;
    for (std::size_t k = 0; k < operands_; at += channels_[k++]) {
      Storage* result = arguments.input_gradients[k];
      if (result == nullptr) continue;
      parallel_for(pixels_, [&](std::size_t pixel) {
        const Storage* from = arguments.output_gradient + pixel * row_ + at;
        Storage* to = result + pixel * channels_[k];
        for_lanes(0, channels_[k], [&](std::size_t c, auto lanes) {
          put(to + c, load(from + c, lanes), arguments.accumulate[k], lanes);
        });
      });
    }
  }

 private:
  std::size_t operands_;
  std::size_t pixels_;
  std::size_t row_;
  std::array<std::size_t, max_operands> channels_{};
};

}  // namespace attar::detail
