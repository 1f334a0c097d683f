// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/operation.hpp>
#include <attar/core/rng.hpp>
#include <attar/model/program.hpp>

namespace attar::test {

using Numbers = std::vector<double>;

/// `count` samples of a normal distribution.
inline Numbers normal_numbers(std::size_t count, std::uint64_t stream, double deviation = 1.0) {
  Rng rng{Seed{17}, stream};
  Numbers numbers(count);
  for (double& number : numbers) number = deviation * static_cast<double>(rng.normal());
  return numbers;
}

/// Random parameters; the running variances are positive.
inline Numbers random_parameters(const Program& program) {
  Numbers buffer = normal_numbers(program.buffer_size, 1000, 0.7);
  for (const Parameter& parameter : program.parameters) {
    for (std::size_t i = 0; i < parameter.size; ++i) {
      double& number = buffer[parameter.offset + i];
      if (parameter.role == Role::running_var) number = std::abs(number) + 0.25;
    }
  }
  return buffer;
}

inline double dot(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// How far two numbers that should be equal may lie apart.
struct Tolerance {
  double relative = 1e-6;
  double absolute = 1e-7;
};

inline void expect_near(std::span<const double> expected, std::span<const double> found, const std::string& what,
                        Tolerance tolerance = {}) {
  ASSERT_EQ(expected.size(), found.size()) << what;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_NEAR(expected[i], found[i], tolerance.absolute + tolerance.relative * std::abs(expected[i]))
        << what << ", element " << i;
  }
}

/// The gradient of `loss` with respect to `numbers`, by central differences.
inline Numbers numerical_gradient(std::span<double> numbers, const std::function<double()>& loss) {
  constexpr double step = 1e-6;
  Numbers gradient;
  for (double& number : numbers) {
    const double before = number;
    number = before + step;
    const double above = loss();
    number = before - step;
    const double below = loss();
    number = before;
    gradient.push_back((above - below) / (2 * step));
  }
  return gradient;
}

/// An operation by the reference backend in double: the oracle.
OperationPointer<double, double> reference_operation(const OperationContext& context);

/// One operation of a program with random numbers for all that it reads; the loss is output * output_gradient.
class OperationCase {
 public:
  using Arguments = OperationArguments<double, double>;

  OperationCase(const Program& program, const Op& op, int batch = 2)
      : op_{op},
        program_{program},
        batch_{batch},
        operation_{reference_operation({op_, program_, batch})},
        parameters{random_parameters(program)},
        output_gradient{normal_numbers(elements(op.output), 3)},
        output(elements(op.output)) {
    for (std::size_t k = 0; k < static_cast<std::size_t>(op.operand_count); ++k) {
      operands.push_back(normal_numbers(elements(op.operands[k]), 10 + k, 2.0));
      operand_gradients.emplace_back(operands.back().size());
    }
    if (op.residual >= 0) {
      residual = normal_numbers(elements(op.residual), 4, 2.0);
      residual_gradient.resize(residual.size());
    }
    gradients.assign(program.buffer_size, untouched);
  }

  void forward() { operation_->forward(arguments()); }
  void backward() { operation_->backward(arguments()); }
  void backward(const std::function<void(Arguments&)>& change) {
    Arguments changed = arguments();
    change(changed);
    operation_->backward(changed);
  }

  /// All that an operation promises: the gradients of operands, residual and parameters are those of numerical
  /// differentiation; they are added where that is asked for, left out where nobody wants them; the output's gradient
  /// may come in two parts; other tensors stay as they are.
  void check(Tolerance tolerance = {}) {
    const auto loss = [&] {
      forward();
      return dot(output, output_gradient);
    };
    loss();
    backward();
    for (std::size_t k = 0; k < operands.size(); ++k) {
      expect_near(numerical_gradient(operands[k], loss), operand_gradients[k], "operand " + std::to_string(k),
                  tolerance);
    }
    expect_near(numerical_gradient(residual, loss), residual_gradient, "residual", tolerance);
    Numbers expected(gradients.size(), untouched);
    for (const int index : {op_.weight, op_.bias}) {
      if (index < 0) continue;
      const Parameter& parameter = program_.parameter(index);
      const std::span<double> tensor{parameters.data() + parameter.offset, parameter.size};
      const Numbers found = numerical_gradient(tensor, loss);
      std::copy(found.begin(), found.end(), expected.begin() + static_cast<std::ptrdiff_t>(parameter.offset));
    }
    expect_near(expected, gradients, "parameters", tolerance);
    check_accumulation();
    check_unwanted();
    if (op_.kind == OpKind::batch_norm || op_.kind == OpKind::add) check_two_parts();
  }

 private:
  static constexpr double untouched = 42;
  static constexpr Tolerance rounding{1e-12, 1e-12};

  [[nodiscard]] std::size_t elements(int value) const {
    return static_cast<std::size_t>(batch_) * program_.shape(value).size();
  }

  [[nodiscard]] Arguments arguments() {
    Arguments result;
    for (std::size_t k = 0; k < operands.size(); ++k) {
      result.inputs[k] = operands[k].data();
      result.input_gradients[k] = operand_gradients[k].data();
    }
    if (op_.residual >= 0) {
      result.residual = residual.data();
      result.residual_gradient = residual_gradient.data();
    }
    result.output = output.data();
    result.parameters = parameters.data();
    result.step = 5;
    result.output_gradient = output_gradient.data();
    result.gradients = gradients.data();
    return result;
  }

  void check_accumulation() {
    const std::vector<Numbers> before = operand_gradients;
    const Numbers residual_before = residual_gradient;
    const Numbers parameters_before = gradients;
    forward();
    backward([&](Arguments& arguments) {
      arguments.accumulate.fill(true);
      arguments.accumulate_residual = true;
    });
    const auto doubled = [](Numbers numbers) {
      for (double& number : numbers) number *= 2;
      return numbers;
    };
    for (std::size_t k = 0; k < operands.size(); ++k) {
      expect_near(doubled(before[k]), operand_gradients[k], "accumulated operand " + std::to_string(k), rounding);
    }
    expect_near(doubled(residual_before), residual_gradient, "accumulated residual", rounding);
    expect_near(parameters_before, gradients, "parameters are overwritten", rounding);
    operand_gradients = before;
    residual_gradient = residual_before;
  }

  void check_unwanted() {
    const std::vector<Numbers> before = operand_gradients;
    const Numbers parameters_before = gradients;
    forward();
    backward([&](Arguments& arguments) {
      arguments.input_gradients.fill(nullptr);
      arguments.residual_gradient = nullptr;
    });
    expect_near(parameters_before, gradients, "parameters without other gradients", rounding);
    for (std::size_t k = 0; k < operands.size(); ++k) {
      forward();
      backward([&](Arguments& arguments) {
        arguments.input_gradients.fill(nullptr);
        arguments.input_gradients[k] = operand_gradients[k].data();
      });
      expect_near(before[k], operand_gradients[k], "the only operand wanted", rounding);
    }
  }

  void check_two_parts() {
    const std::vector<Numbers> before = operand_gradients;
    const Numbers residual_before = residual_gradient;
    const Numbers first = normal_numbers(output_gradient.size(), 5);
    Numbers second = output_gradient;
    for (std::size_t i = 0; i < second.size(); ++i) second[i] -= first[i];
    forward();
    backward([&](Arguments& arguments) {
      arguments.output_gradient = first.data();
      arguments.second_output_gradient = second.data();
    });
    for (std::size_t k = 0; k < operands.size(); ++k) {
      expect_near(before[k], operand_gradients[k], "gradient in two parts, operand " + std::to_string(k), rounding);
    }
    expect_near(residual_before, residual_gradient, "gradient in two parts, residual", rounding);
  }

  Op op_;
  Program program_;
  int batch_;
  OperationPointer<double, double> operation_;

 public:
  std::vector<Numbers> operands{};
  Numbers residual{};
  Numbers parameters;
  Numbers output_gradient;
  Numbers output;
  std::vector<Numbers> operand_gradients{};
  Numbers residual_gradient{};
  Numbers gradients{};
};

/// Checks the last operation of an architecture, with a residual of the output's shape and an activation fused to it.
template <class A>
void check_last_operation(bool with_residual = false, Activation activation = Activation::none) {
  Op op = A::program.ops.back();
  if (op.kind != OpKind::activation) op.activation = activation;
  if (with_residual) op.residual = op.output;
  OperationCase{A::program, op}.check();
}

/// Checks the gradients of all parameters of a network in training, as a session computes them, by numerical
/// differentiation. The loss looks at the logits and at the maps at the `taps`.
void check_session(const Program& program, int batch = 2, Tolerance tolerance = {}, std::span<const int> taps = {});

}  // namespace attar::test
