// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <attar/backend/call_time.hpp>
#include <attar/backend/profile.hpp>
#include <attar/backend/step_description.hpp>
#include <attar/core/shape.hpp>
#include <attar/detail/whole_range.hpp>
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

namespace detail {

inline void add_time_cells(std::vector<std::string>& cells, double microseconds, double peak_share) {
  cells.push_back(fixed(microseconds, 2));
  cells.push_back(peak_share > 0 ? fixed(100 * peak_share, 0) + " %" : "-");
}

}  // namespace detail

/// The steps of an inference as a table: layer, operation with what was fused into it, precision, shapes, the kernel
/// that it really got, bytes of its weights and of the maps that it reads and writes. If they were measured
/// (`profile`), also the time of each and its share of the CPU's peak, and a last line with those of all together.
[[nodiscard]] inline std::string to_text(const std::vector<StepDescription>& steps) {
  const bool timed = detail::any_of(steps, [](const StepDescription& step) { return step.microseconds > 0; });
  std::vector<std::string> header{"path", "operation", "precision", "from", "to", "kernel", "weights", "maps"};
  if (timed) header.insert(header.end(), {"us", "of peak"});
  Table table{std::move(header), 6};
  StepDescription all;
  double at_peak = 0;  // How long all would take at the peak.
  for (const StepDescription& step : steps) {
    std::vector<std::string> cells{step.path,
                                   detail::operation_text(step.op),
                                   step.precision,
                                   to_string(step.in),
                                   to_string(step.out),
                                   step.kernel,
                                   grouped(step.weight_bytes),
                                   grouped(step.activation_bytes)};
    if (timed) detail::add_time_cells(cells, step.microseconds, step.peak_share);
    table.add(std::move(cells));
    all.weight_bytes += step.weight_bytes;
    all.activation_bytes += step.activation_bytes;
    all.microseconds += step.microseconds;
    at_peak += step.peak_share * step.microseconds;
  }
  if (timed) {
    std::vector<std::string> cells{"all", "", "", "", "", "", grouped(all.weight_bytes), grouped(all.activation_bytes)};
    detail::add_time_cells(cells, all.microseconds, at_peak / all.microseconds);
    table.add_rule();
    table.add(std::move(cells));
  }
  return table.text();
}

/// What an engine (or a session) really does on this machine: its steps as a table, what the CPU has, and what that
/// means for int8. The steps of an engine of batch 1 are measured, at most for the time that `options` give.
///
///     std::cout << describe(Engine{int8});
template <class EngineType>
  requires requires(const EngineType& engine) {
    { engine.steps() } -> std::same_as<std::vector<StepDescription>>;
  }
[[nodiscard]] std::string describe(const EngineType& engine,
                                   LatencyOptions options = {.at_most = std::chrono::milliseconds{300}}) {
  const std::string cpu = to_text(cpu_features());
  if constexpr (detail::Profiled<EngineType>) {
    return to_text(profile(engine, options)) + cpu;
  } else {
    return to_text(engine.steps()) + cpu;
  }
}

}  // namespace attar
