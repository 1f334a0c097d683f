// SPDX-License-Identifier: MIT
#include "kernel_case.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/kernels/prepare.hpp>

namespace attar::test {

namespace {

/// The numbers of one operation as `Storage`, with `Scalar` for parameters.
template <class Storage, class Scalar>
struct OperationBuffers {
  std::vector<std::vector<Storage>> operands{}, operand_gradients{};
  std::vector<Storage> residual{}, residual_gradient{}, output{}, output_gradient{}, second_gradient{};
  std::vector<Scalar> parameters{}, gradients{};

  void run(Operation<Storage, Scalar>& operation, const KernelOptions& options) {
    OperationArguments<Storage, Scalar> arguments;
    for (std::size_t k = 0; k < operands.size(); ++k) {
      arguments.inputs[k] = operands[k].data();
      arguments.input_gradients[k] = operand_gradients[k].data();
      arguments.accumulate[k] = options.accumulate;
    }
    if (!residual.empty()) {
      arguments.residual = residual.data();
      arguments.residual_gradient = residual_gradient.data();
      arguments.accumulate_residual = options.accumulate_residual;
    }
    arguments.output = output.data();
    arguments.parameters = parameters.data();
    arguments.step = 3;
    operation.forward(arguments);
    arguments.output_gradient = output_gradient.data();
    if (options.two_parts) arguments.second_output_gradient = second_gradient.data();
    arguments.gradients = gradients.data();
    operation.backward(arguments);
  }
};

}  // namespace

template <class Storage>
void expect_like_reference(const Program& program, const Op& op, OperationPointer<Storage, float> operation,
                           const KernelOptions& options) {
  ASSERT_NE(operation, nullptr);
  OperationBuffers<double, double> exact;
  OperationBuffers<Storage, float> fast;
  std::uint64_t stream = 100;
  const auto fill = [&](auto& target, auto& copy, std::size_t count, double mean) {
    Rng rng{Seed{5}, stream++};
    for (std::size_t i = 0; i < count; ++i) {
      using Copied = typename std::remove_reference_t<decltype(copy)>::value_type;
      const double number = options.integers ? static_cast<double>(rng.below(7)) - 3 : mean + double{rng.normal()};
      copy.push_back(static_cast<Copied>(static_cast<float>(number)));
      target.push_back(static_cast<double>(static_cast<float>(copy.back())));
    }
  };
  const auto elements = [&](int value) {
    return static_cast<std::size_t>(options.batch) * program.shape(value).size();
  };
  for (std::size_t k = 0; k < static_cast<std::size_t>(op.operand_count); ++k) {
    exact.operands.emplace_back();
    fast.operands.emplace_back();
    exact.operand_gradients.emplace_back();
    fast.operand_gradients.emplace_back();
    fill(exact.operands[k], fast.operands[k], elements(op.operands[k]), options.mean);
    fill(exact.operand_gradients[k], fast.operand_gradients[k], elements(op.operands[k]), 0);
  }
  if (op.residual >= 0) {
    fill(exact.residual, fast.residual, elements(op.residual), 0);
    fill(exact.residual_gradient, fast.residual_gradient, elements(op.residual), 0);
  }
  fill(exact.output, fast.output, elements(op.output), 0);
  fill(exact.output_gradient, fast.output_gradient, elements(op.output), 0);
  fill(exact.second_gradient, fast.second_gradient, elements(op.output), 0);
  fill(exact.parameters, fast.parameters, program.buffer_size, 0);
  fill(exact.gradients, fast.gradients, program.buffer_size, 0);
  if (op.running_var >= 0) {
    const Parameter& variance = program.parameter(op.running_var);
    for (std::size_t i = variance.offset; i < variance.offset + variance.size; ++i) {
      exact.parameters[i] = std::abs(exact.parameters[i]);
      fast.parameters[i] = std::abs(fast.parameters[i]);
    }
  }

  exact.run(*reference_operation({op, program, options.batch}), options);
  fast.run(*operation, options);

  const Tolerance tolerance = options.integers ? Tolerance{0, 0} : options.tolerance;
  const auto compare = [&](const Numbers& expected, const auto& found, const std::string& what) {
    Numbers numbers;
    for (const auto number : found) numbers.push_back(static_cast<double>(static_cast<float>(number)));
    expect_near(expected, numbers, what, tolerance);
  };
  compare(exact.output, fast.output, "output");
  for (std::size_t k = 0; k < exact.operands.size(); ++k) {
    compare(exact.operand_gradients[k], fast.operand_gradients[k], "gradient of operand " + std::to_string(k));
  }
  compare(exact.residual_gradient, fast.residual_gradient, "gradient of the residual");
  compare(exact.parameters, fast.parameters, "parameters");
  compare(exact.gradients, fast.gradients, "gradients of the parameters");
}

template <class Storage>
OperationPointer<Storage, float> portable_kernel(const OperationContext& context) {
  return prepare_kernel<Storage>(context);
}

template void expect_like_reference<float>(const Program&, const Op&, OperationPointer<float, float>,
                                           const KernelOptions&);
template void expect_like_reference<bf16>(const Program&, const Op&, OperationPointer<bf16, float>,
                                          const KernelOptions&);
template OperationPointer<float, float> portable_kernel<float>(const OperationContext&);
template OperationPointer<bf16, float> portable_kernel<bf16>(const OperationContext&);

}  // namespace attar::test
