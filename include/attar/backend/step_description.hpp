// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <attar/core/shape.hpp>
#include <attar/layers/op.hpp>

namespace attar {

/// What an inference does in one of its steps, as it was really prepared on this machine.
struct StepDescription {
  Op op;                  ///< With all that was fused into it. Of a conversion between precisions, `layer` is -1.
  std::string path;       ///< The layer's: "3.main.0". Empty for conversions, and where a session does not know it.
  std::string precision;  ///< "fp32", "bf16", "int8", or "int8 to fp32" for a conversion.
  Shape in;               ///< Of the first operand, for one image.
  Shape out;
  std::string kernel;  ///< "oneDNN brgconv:avx512_core_vnni", "attar int8 product, 16-bit pairs", ...

  std::size_t weight_bytes = 0;  ///< Of weights in the step's precision, and of a float for each bias (int8: two, see
                                 ///< `Int8Op`). Kernels may pack them less tightly.
  std::size_t activation_bytes = 0;  ///< Of the maps that it reads and writes, for one image.

  double microseconds = 0;  ///< Median time of a call; 0 where nobody measured it (see `profile`).
  double peak_share = 0;    ///< Multiply-adds a time, as a share of what the CPU can do at best in the precision (see
                            ///< `peak_multiply_adds_per_ns`); 0 where there are none or nobody measured.
};

namespace detail {

/// Bytes of a number in a precision of that name.
[[nodiscard]] constexpr std::size_t bytes_in(std::string_view precision) noexcept {
  if (precision == "int8") return 1;
  if (precision == "bf16") return 2;
  return precision == "fp64" ? 8 : 4;
}

[[nodiscard]] constexpr std::size_t weight_bytes(const Op& op, std::string_view precision, const Shape& in,
                                                 const Shape& out) noexcept {
  const auto channels = static_cast<std::size_t>(out.channels);
  if (op.kind == OpKind::batch_norm) return 2 * channels * sizeof(float);
  std::size_t weights = 0;
  if (op.kind == OpKind::linear) weights = in.size() * out.size();
  if (op.kind == OpKind::conv2d) {
    weights = static_cast<std::size_t>(op.window.kernel.height) * static_cast<std::size_t>(op.window.kernel.width) *
              static_cast<std::size_t>(in.channels / op.groups) * channels;
  }
  if (weights == 0) return 0;
  const std::size_t floats = precision == "int8" ? 2 : (op.bias >= 0 ? 1 : 0);
  return weights * bytes_in(precision) + floats * channels * sizeof(float);
}

[[nodiscard]] constexpr std::size_t numbers_read(const Op& op, const Shape& in, const Shape& out) noexcept {
  const std::size_t residual = op.residual >= 0 ? out.size() : 0;
  switch (op.kind) {
    case OpKind::add:
      return 2 * in.size() + residual;
    case OpKind::concat:
      return out.size() + residual;
    case OpKind::scale:
      return in.size() + static_cast<std::size_t>(in.channels) + residual;
    default:
      return in.size() + residual;
  }
}

/// Describes step `op`. `float_output` says whether an int8 step gives floats, the logits.
[[nodiscard]] inline StepDescription describe_step(const Op& op, std::string precision, const Shape& in,
                                                   const Shape& out, std::string kernel, bool float_output) {
  StepDescription step{.op = op, .path = "", .precision = {}, .in = in, .out = out, .kernel = std::move(kernel)};
  if (op.layer < 0) {
    const std::size_t space = precision.find(" to ");
    const std::string_view name = precision;
    step.activation_bytes =
        in.size() * bytes_in(name.substr(0, space)) + out.size() * bytes_in(name.substr(name.rfind(' ') + 1));
  } else {
    step.weight_bytes = weight_bytes(op, precision, in, out);
    step.activation_bytes = numbers_read(op, in, out) * bytes_in(precision) +
                            out.size() * (float_output ? sizeof(float) : bytes_in(precision));
  }
  step.precision = std::move(precision);
  return step;
}

}  // namespace detail

/// The name of an operation: "conv2d".
[[nodiscard]] constexpr std::string_view name_of(OpKind kind) noexcept {
  switch (kind) {
    case OpKind::conv2d:
      return "conv2d";
    case OpKind::linear:
      return "linear";
    case OpKind::batch_norm:
      return "batch_norm";
    case OpKind::activation:
      return "activation";
    case OpKind::max_pool:
      return "max_pool";
    case OpKind::avg_pool:
      return "avg_pool";
    case OpKind::global_avg_pool:
      return "global_avg_pool";
    case OpKind::flatten:
      return "flatten";
    case OpKind::dropout:
      return "dropout";
    case OpKind::add:
      return "add";
    case OpKind::concat:
      return "concat";
    case OpKind::scale:
      break;
  }
  return "scale";
}

}  // namespace attar
