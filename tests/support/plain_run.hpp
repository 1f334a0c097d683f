// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "gradient_check.hpp"
#include <attar/backend/operation.hpp>
#include <attar/model/program.hpp>

namespace attar::test {

/// Runs every operation of a program one by one, as it stands, with nothing fused and all gradients kept: what any
/// cleverness of a session must not change.
class PlainRun {
 public:
  PlainRun(const Program& program, int batch) : program_{program}, batch_{batch} {
    for (const Shape& shape : program.values) {
      values.emplace_back(static_cast<std::size_t>(batch) * shape.size());
      value_gradients.emplace_back(values.back().size());
    }
    for (const Op& op : program.ops) {
      operations_.push_back(reference_operation({op, program_, batch}));
    }
  }

  Numbers forward(const Numbers& images, Numbers& parameters, std::uint64_t step) {
    values[0] = images;
    for (std::size_t i = 0; i < operations_.size(); ++i) operations_[i]->forward(arguments(i, parameters, step));
    return values[static_cast<std::size_t>(program_.output)];
  }

  /// The gradients of the parameters; those of all values lie in `value_gradients` afterwards.
  Numbers backward(const Numbers& logits_gradient, Numbers& parameters, std::uint64_t step) {
    Numbers gradients(program_.buffer_size);
    for (Numbers& numbers : value_gradients) std::ranges::fill(numbers, 0.0);
    value_gradients[static_cast<std::size_t>(program_.output)] = logits_gradient;
    for (std::size_t i = operations_.size(); i-- > 0;) {
      auto all = arguments(i, parameters, step);
      all.accumulate.fill(true);
      all.gradients = gradients.data();
      operations_[i]->backward(all);
    }
    return gradients;
  }

  /// The output in inference mode.
  Numbers infer(const Numbers& images, const Numbers& parameters);

 private:
  [[nodiscard]] Numbers& value(int index) { return values[static_cast<std::size_t>(index)]; }

  [[nodiscard]] OperationArguments<double, double> arguments(std::size_t index, Numbers& parameters,
                                                             std::uint64_t step) {
    const Op& op = program_.ops[index];
    OperationArguments<double, double> result;
    for (std::size_t k = 0; k < static_cast<std::size_t>(op.operand_count); ++k) {
      result.inputs[k] = value(op.operands[k]).data();
      result.input_gradients[k] = value_gradients[static_cast<std::size_t>(op.operands[k])].data();
    }
    result.output = value(op.output).data();
    result.output_gradient = value_gradients[static_cast<std::size_t>(op.output)].data();
    result.parameters = parameters.data();
    result.step = step;
    return result;
  }

  Program program_;
  int batch_;
  std::vector<OperationPointer<double, double>> operations_{};

 public:
  std::vector<Numbers> values{};
  std::vector<Numbers> value_gradients{};
};

/// The output of an inference session, with operations fused.
Numbers fused_inference(const Program& program, const Numbers& images, const Numbers& parameters, int batch);

}  // namespace attar::test
