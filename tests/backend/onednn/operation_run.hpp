// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "../../support/onednn_bf16.hpp"
#include <attar/backend/onednn.hpp>
#include <attar/backend/operation.hpp>
#include <attar/backend/reference.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/rng.hpp>
#include <attar/layers/layers.hpp>
#include <attar/model/sequential.hpp>

namespace attar::test {

/// Integers in [-3, 3]: sums of their products are exact in float, so every order of summation gives the same.
template <class T>
AlignedBuffer<T> small_integers(std::size_t count, std::uint64_t stream) {
  AlignedBuffer<T> numbers(count);
  Rng rng{Seed{5}, stream};
  for (T& x : numbers) x = static_cast<T>(static_cast<float>(rng.below(7)) - 3.0F);
  return numbers;
}

template <class T>
std::vector<float> floats(const AlignedBuffer<T>& numbers) {
  return {numbers.begin(), numbers.end()};
}

/// The last operation of an architecture on one backend, on small integers. The gradient of the operand holds small
/// integers before.
template <class A, class Backend, class Storage>
class OperationRun {
 public:
  explicit OperationRun(int batch, bool accumulate = false)
      : input_{small_integers<Storage>(elements(batch, op().operands[0]), 1)},
        output_gradient_{small_integers<Storage>(elements(batch, op().output), 2)},
        parameters_{small_integers<float>(A::program.buffer_size, 3)},
        output_{elements(batch, op().output)},
        input_gradient_{small_integers<Storage>(input_.size(), 4)},
        gradients_{A::program.buffer_size} {
    arguments_.inputs[0] = input_.data();
    arguments_.output = output_.data();
    arguments_.parameters = parameters_.data();
    arguments_.output_gradient = output_gradient_.data();
    if (op().operands[0] != 0) arguments_.input_gradients[0] = input_gradient_.data();
    arguments_.accumulate[0] = accumulate;
    arguments_.gradients = gradients_.data();
    operation_ = Backend::template prepare<Storage>(OperationContext{op(), A::program, batch});
    operation_->forward(arguments_);
    operation_->backward(arguments_);
  }

  [[nodiscard]] std::vector<float> output() const { return floats(output_); }
  [[nodiscard]] std::vector<float> input_gradient() const { return floats(input_gradient_); }
  /// Of all parameters of the architecture, flat; those of other operations are 0.
  [[nodiscard]] std::vector<float> gradients() const { return floats(gradients_); }

 private:
  static const Op& op() { return A::program.ops.back(); }
  static std::size_t elements(int batch, int value) {
    return static_cast<std::size_t>(batch) * A::program.shape(value).size();
  }

  AlignedBuffer<Storage> input_, output_gradient_;
  AlignedBuffer<float> parameters_;
  AlignedBuffer<Storage> output_, input_gradient_;
  AlignedBuffer<float> gradients_;
  OperationArguments<Storage, float> arguments_;
  OperationPointer<Storage, float> operation_;
};

/// Expects that oneDNN and the oracle give the same numbers for the last layer of `A`, all of them exactly. In bf16
/// only where the CPU has it.
template <class A, class Storage>
void expect_exact(int batch, bool accumulate = false) {
  if (std::is_same_v<Storage, bf16> && !onednn_has_bf16()) return;
  SCOPED_TRACE("batch " + std::to_string(batch));
  const OperationRun<A, OneDnn, Storage> fast{batch, accumulate};
  const OperationRun<A, Reference<float>, Storage> oracle{batch, accumulate};
  EXPECT_EQ(fast.output(), oracle.output());
  EXPECT_EQ(fast.input_gradient(), oracle.input_gradient());
  EXPECT_EQ(fast.gradients(), oracle.gradients());
}

}  // namespace attar::test
