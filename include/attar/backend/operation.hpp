// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include <attar/layers/op.hpp>
#include <attar/model/program.hpp>

namespace attar {

/// Where an operation of a training step finds its numbers. Feature maps are NHWC.
/// `Storage` is what activations and their gradients are kept in, `Scalar` the type of parameters.
template <class Storage, class Scalar>
struct OperationArguments {
  // Forward.
  std::array<const Storage*, max_operands> inputs{};
  const Storage* residual = nullptr;  ///< Added before the activation; null where `Op::residual` is -1.
  Storage* output = nullptr;
  Scalar* parameters = nullptr;  ///< The flat buffer; forward updates the running statistics in it.
  std::uint64_t step = 0;        ///< Number of the training step, for random masks.

  // Backward. What forward was given is given again, output included.
  const Storage* output_gradient = nullptr;
  /// A second summand of the output's gradient, or null. Only given to `batch_norm` and `add`.
  const Storage* second_output_gradient = nullptr;
  std::array<Storage*, max_operands> input_gradients{};  ///< Null where nobody wants it.
  std::array<bool, max_operands> accumulate{};           ///< Add to the gradient instead of overwriting it.
  Storage* residual_gradient = nullptr;
  bool accumulate_residual = false;
  Scalar* gradients = nullptr;  ///< Flat, laid out as the parameters. Each operation overwrites its own tensors.
};

/// One operation of a training step, prepared for a batch size. It keeps what backward needs of forward (statistics,
/// positions of maxima, masks) itself. `backward` follows the `forward` of the same step.
template <class Storage, class Scalar>
class Operation {
 public:
  using Arguments = OperationArguments<Storage, Scalar>;

  Operation() = default;
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;
  virtual ~Operation() = default;

  virtual void forward(const Arguments& arguments) = 0;
  virtual void backward(const Arguments& arguments) = 0;
};

template <class Storage, class Scalar>
using OperationPointer = std::unique_ptr<Operation<Storage, Scalar>>;

/// Everything that an operation may know when it is prepared.
struct OperationContext {
  const Op& op;
  const Program& program;
  int batch = 0;
  /// Operands and weights are whole numbers, and so must the sums of their products be: nothing but plain products and
  /// sums, which are exact below 2^24 in any order.
  bool whole_numbers = false;
};

/// How a backend prepares an operation in float.
using PrepareInFloat = OperationPointer<float, float>(const OperationContext&);

}  // namespace attar
