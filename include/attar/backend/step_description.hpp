// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

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
};

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
