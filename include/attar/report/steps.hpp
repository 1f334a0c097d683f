// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <vector>

#include <attar/backend/step_description.hpp>
#include <attar/core/shape.hpp>
#include <attar/layers/op.hpp>
#include <attar/report/cpu.hpp>
#include <attar/report/summary.hpp>
#include <attar/report/table.hpp>

namespace attar {

namespace detail {

[[nodiscard]] constexpr std::string_view activation_text(Activation activation) noexcept {
  switch (activation) {
    case Activation::none:
      break;
    case Activation::relu:
      return "relu";
    case Activation::relu6:
      return "relu6";
    case Activation::hard_swish:
      return "hard_swish";
    case Activation::hard_sigmoid:
      return "hard_sigmoid";
  }
  return "";
}

/// "conv2d 3x3 s2 + add + relu": an operation with what was fused into it.
[[nodiscard]] inline std::string operation_text(const Op& op) {
  if (op.layer < 0) return "conversion";
  if (op.kind == OpKind::activation) return std::string{activation_text(op.activation)};
  std::string text = std::string{name_of(op.kind)} + options_text(op, false);
  if (op.residual >= 0) text += " + add";
  if (op.activation != Activation::none) text += " + " + std::string{activation_text(op.activation)};
  return text;
}

}  // namespace detail

/// The steps of an inference as a table: layer, operation with what was fused into it, precision, shapes, and the
/// kernel that it really got.
[[nodiscard]] inline std::string to_text(const std::vector<StepDescription>& steps) {
  Table table{{"path", "operation", "precision", "from", "to", "kernel"}, 6};
  for (const StepDescription& step : steps) {
    table.add({step.path, detail::operation_text(step.op), step.precision, to_string(step.in), to_string(step.out),
               step.kernel});
  }
  return table.text();
}

/// What an engine (or a session) really does on this machine: its steps as a table, what the CPU has, and what that
/// means for int8.
///
///     std::cout << describe(Engine{int8});
template <class EngineType>
  requires requires(const EngineType& engine) {
    { engine.steps() } -> std::same_as<std::vector<StepDescription>>;
  }
[[nodiscard]] std::string describe(const EngineType& engine) {
  return to_text(engine.steps()) + to_text(cpu_features());
}

}  // namespace attar
