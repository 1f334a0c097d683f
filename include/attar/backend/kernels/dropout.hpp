// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

#include <attar/backend/operation.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/parallel.hpp>
#include <attar/core/rng.hpp>

namespace attar::detail {

/// Zeroes elements at random and divides the rest by the probability of staying. Each image of each step has a random
/// stream of its own, so the mask does not depend on the number of threads.
template <class Storage>
class DropoutKernel final : public Operation<Storage, float> {
 public:
  using typename Operation<Storage, float>::Arguments;

  explicit DropoutKernel(const OperationContext& context)
      : seed_{static_cast<std::uint64_t>(context.op.output)},
        rate_{static_cast<float>(context.op.rate)},
        batch_{static_cast<std::size_t>(context.batch)},
        size_{context.program.shape(context.op.output).size()},
        mask_{batch_ * size_} {}

  void forward(const Arguments& arguments) override {
    parallel_for(batch_, [&](std::size_t image) {
      Rng rng{seed_, arguments.step * batch_ + image};
      for (std::size_t i = image * size_; i < (image + 1) * size_; ++i) {
        mask_[i] = rng.uniform() < rate_ ? 0.0F : 1 / (1 - rate_);
        arguments.output[i] = static_cast<Storage>(static_cast<float>(arguments.inputs[0][i]) * mask_[i]);
      }
    });
  }

  void backward(const Arguments& arguments) override {
    Storage* result = arguments.input_gradients[0];
    if (result == nullptr) return;
    const bool accumulate = arguments.accumulate[0];
    parallel_for(batch_ * size_, [&](std::size_t i) {
      const float gradient = static_cast<float>(arguments.output_gradient[i]) * mask_[i];
      result[i] = static_cast<Storage>(accumulate ? static_cast<float>(result[i]) + gradient : gradient);
    });
  }

 private:
  Seed seed_;
  float rate_;
  std::size_t batch_;
  std::size_t size_;
  AlignedBuffer<float> mask_;  ///< Zero, or what the element is multiplied by.
};

}  // namespace attar::detail
