// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include <attar/backend/operation.hpp>
#include <attar/backend/reference/activation.hpp>
#include <attar/backend/reference/batch_norm.hpp>
#include <attar/backend/reference/combine.hpp>
#include <attar/backend/reference/conv2d.hpp>
#include <attar/backend/reference/dropout.hpp>
#include <attar/backend/reference/flatten.hpp>
#include <attar/backend/reference/infer.hpp>
#include <attar/backend/reference/inference.hpp>
#include <attar/backend/reference/int8.hpp>
#include <attar/backend/reference/linear.hpp>
#include <attar/backend/reference/pool.hpp>
#include <attar/backend/reference/tensor.hpp>
#include <attar/layers/op.hpp>
#include <attar/model/program.hpp>

namespace attar {

namespace detail {

/// An operation of a training step by plain loops. It keeps nothing: backward works out again what it needs.
template <class Storage, class Scalar>
class ReferenceOperation final : public Operation<Storage, Scalar> {
 public:
  using typename Operation<Storage, Scalar>::Arguments;

  explicit ReferenceOperation(const OperationContext& context)
      : op_{context.op}, program_{context.program}, batch_{context.batch} {}

  void forward(const Arguments& arguments) override {
    const auto operands = reference::load_operands<Scalar>(context(), arguments.inputs);
    reference::store(reference::finish(op_, result(operands, arguments), arguments.residual), arguments.output);
  }

  void backward(const Arguments& arguments) override {
    const Shape& shape = program_.shape(op_.output);
    Tensor gradient = reference::load<Scalar>(arguments.output_gradient, batch_, shape);
    if (arguments.second_output_gradient != nullptr) {
      gradient = add(gradient, reference::load<Scalar>(arguments.second_output_gradient, batch_, shape));
    }
    const Storage* seen = op_.kind == OpKind::activation ? arguments.inputs[0] : arguments.output;
    gradient = reference::undo_activation(op_, gradient, seen);
    const auto operands = reference::load_operands<Scalar>(context(), arguments.inputs);
    const std::vector<Tensor> gradients = operand_gradients(operands, gradient, arguments);
    reference::store(gradient, arguments.residual_gradient, arguments.accumulate_residual);
    for (std::size_t k = 0; k < gradients.size(); ++k) {
      reference::store(gradients[k], arguments.input_gradients[k], arguments.accumulate[k]);
    }
  }

 private:
  using Tensor = reference::Tensor<Scalar>;

  [[nodiscard]] OperationContext context() const { return {op_, program_, batch_}; }

  /// What the operation makes of its operands in training, before residual and activation.
  [[nodiscard]] Tensor result(const std::vector<Tensor>& operands, const Arguments& arguments) const {
    const auto tensor = [&](int index) { return reference::tensor_of(program_, index, arguments.parameters); };
    if (op_.kind == OpKind::dropout) return reference::dropout(op_, arguments.step, operands[0]);
    if (op_.kind == OpKind::batch_norm) {
      const reference::Moments<Scalar> batch = reference::moments(operands[0]);
      reference::update_statistics(op_, batch, tensor(op_.running_mean), tensor(op_.running_var));
      return reference::normalize<Scalar>(op_, operands[0], batch.mean, batch.variance, tensor(op_.weight),
                                          tensor(op_.bias));
    }
    return reference::infer<Scalar>(context(), operands, arguments.parameters);
  }

  /// The gradients of the operands from `gradient`, that in front of residual and activation; writes those of the
  /// parameters.
  [[nodiscard]] std::vector<Tensor> operand_gradients(const std::vector<Tensor>& operands, const Tensor& gradient,
                                                      const Arguments& arguments) const {
    const Shape& in = operands[0].shape;
    const Scalar* parameters = arguments.parameters;
    const auto weight = reference::tensor_of(program_, op_.weight, parameters);
    const auto weight_gradient = reference::tensor_of(program_, op_.weight, arguments.gradients);
    const auto bias_gradient = reference::tensor_of(program_, op_.bias, arguments.gradients);
    switch (op_.kind) {
      case OpKind::conv2d:
        return {reference::conv2d_gradient(op_, operands[0], weight, gradient, weight_gradient, bias_gradient)};
      case OpKind::linear:
        return {reference::linear_gradient(operands[0], weight, gradient, weight_gradient, bias_gradient)};
      case OpKind::batch_norm:
        return {reference::batch_norm_gradient(op_, operands[0], weight, gradient, weight_gradient, bias_gradient)};
      case OpKind::activation:
        return {gradient};
      case OpKind::max_pool:
        return {reference::max_pool_gradient(op_, operands[0], gradient)};
      case OpKind::avg_pool:
        return {reference::avg_pool_gradient(op_, in, gradient)};
      case OpKind::global_avg_pool:
        return {reference::global_avg_pool_gradient(in, gradient)};
      case OpKind::flatten:
        return {reference::flatten_gradient(in, gradient)};
      case OpKind::dropout:
        return {reference::dropout(op_, arguments.step, gradient)};
      case OpKind::add:
        return {gradient, gradient};
      case OpKind::concat:
        return reference::concat_gradients<Scalar>(operands, gradient);
      case OpKind::scale:
        return {reference::scale(gradient, operands[1]), reference::gate_gradient(operands[0], gradient)};
    }
    return {};
  }

  Op op_;
  Program program_;
  int batch_;
};

}  // namespace detail

/// The oracle: plain loops, one after the other, with numbers of type `ScalarType`. In double it is what the fast
/// backends are held against; it is far too slow for anything else.
template <class ScalarType>
struct Reference {
  using Scalar = ScalarType;

  template <class Storage>
  [[nodiscard]] static OperationPointer<Storage, Scalar> prepare(const OperationContext& context) {
    return std::make_unique<detail::ReferenceOperation<Storage, Scalar>>(context);
  }
};

}  // namespace attar
