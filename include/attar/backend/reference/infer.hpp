// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <type_traits>
#include <vector>

#include <attar/backend/operation.hpp>
#include <attar/backend/reference/activation.hpp>
#include <attar/backend/reference/batch_norm.hpp>
#include <attar/backend/reference/combine.hpp>
#include <attar/backend/reference/conv2d.hpp>
#include <attar/backend/reference/flatten.hpp>
#include <attar/backend/reference/linear.hpp>
#include <attar/backend/reference/pool.hpp>
#include <attar/backend/reference/tensor.hpp>
#include <attar/layers/op.hpp>
#include <attar/model/program.hpp>

namespace attar {

namespace detail::reference {

/// The numbers of the parameter `index` in the flat buffer; none for -1.
template <class Scalar>
[[nodiscard]] std::span<Scalar> tensor_of(const Program& program, int index, Scalar* buffer) {
  if (index < 0) return {};
  const Parameter& parameter = program.parameter(index);
  return {buffer + parameter.offset, parameter.size};
}

/// The operands of an operation.
template <class Scalar, class Storage>
[[nodiscard]] std::vector<Tensor<Scalar>> load_operands(const OperationContext& context,
                                                        const std::array<const Storage*, max_operands>& inputs) {
  std::vector<Tensor<Scalar>> operands;
  for (std::size_t k = 0; k < static_cast<std::size_t>(context.op.operand_count); ++k) {
    operands.push_back(load<Scalar>(inputs[k], context.batch, context.program.shape(context.op.operands[k])));
  }
  return operands;
}

/// What an operation makes of its operands in inference, before residual and activation.
template <class Scalar>
[[nodiscard]] Tensor<Scalar> infer(const OperationContext& context, const std::vector<Tensor<Scalar>>& operands,
                                   const Scalar* parameters) {
  const Op& op = context.op;
  const Shape& out = context.program.shape(op.output);
  const auto tensor = [&](int index) { return tensor_of(context.program, index, parameters); };
  switch (op.kind) {
    case OpKind::conv2d:
      return conv2d(op, operands[0], tensor(op.weight), tensor(op.bias), out);
    case OpKind::linear:
      return linear(operands[0], tensor(op.weight), tensor(op.bias), out);
    case OpKind::batch_norm:
      return normalize(op, operands[0], tensor(op.running_mean), tensor(op.running_var), tensor(op.weight),
                       tensor(op.bias));
    case OpKind::activation:
    case OpKind::dropout:
      return operands[0];
    case OpKind::max_pool:
      return max_pool(op, operands[0], out);
    case OpKind::avg_pool:
      return avg_pool(op, operands[0], out);
    case OpKind::global_avg_pool:
      return global_avg_pool(operands[0]);
    case OpKind::flatten:
      return flatten(operands[0]);
    case OpKind::add:
      return add(operands[0], operands[1]);
    case OpKind::concat:
      return concat<Scalar>(operands, out);
    case OpKind::scale:
      return scale(operands[0], operands[1]);
  }
  return operands[0];
}

}  // namespace detail::reference

/// One operation of an inference, by plain loops: norms use the running statistics, dropout does nothing. Arithmetic is
/// in `Scalar`; only the result is rounded to `Storage`. `residual` is null where `Op::residual` is -1; `parameters` is
/// the flat buffer.
template <class Storage, class Scalar>
void reference_infer(const OperationContext& context, const std::array<const Storage*, max_operands>& inputs,
                     const Storage* residual, const Scalar* parameters, Storage* output) {
  namespace reference = detail::reference;
  const auto operands = reference::load_operands<Scalar>(context, inputs);
  reference::store(reference::finish(context.op, reference::infer(context, operands, parameters), residual), output);
}

}  // namespace attar
