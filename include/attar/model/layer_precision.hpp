// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <attar/detail/whole_range.hpp>
#include <attar/layers/op.hpp>
#include <attar/model/fuse.hpp>
#include <attar/model/program.hpp>

namespace attar {

/// What a layer of a mixed network computes in, and keeps its result as. Files hold these numbers.
enum class LayerPrecision : std::uint8_t {
  int8 = 0,  ///< 8-bit integers.
  bf16 = 1,  ///< Weights and feature maps in bf16, sums in float; needs a CPU that has it.
  fp32 = 2,  ///< Floats.
};

/// "int8", "bf16" or "fp32".
[[nodiscard]] constexpr std::string_view name_of(LayerPrecision precision) noexcept {
  switch (precision) {
    case LayerPrecision::int8:
      return "int8";
    case LayerPrecision::bf16:
      return "bf16";
    case LayerPrecision::fp32:
      break;
  }
  return "fp32";
}

namespace detail {

/// Whether an operation has a precision of its own: what has weights. All others follow their operands.
[[nodiscard]] constexpr bool has_own_precision(const Op& op) noexcept {
  return op.weight >= 0;
}

/// The row of the layer table of each operation that has a precision of its own, in order of execution, each once.
[[nodiscard]] inline std::vector<int> precise_rows(const FusedProgram& fused) {
  std::vector<int> rows;
  for (const Op& op : fused.ops) {
    if (has_own_precision(op) && detail::find(rows, op.layer) == rows.end()) rows.push_back(op.layer);
  }
  return rows;
}

/// The precision of each operation of a fused program, from one per row of the layer table. Operations without weights
/// (poolings, flattening, sums, concatenations) have that of their operands, of several the most precise. The images
/// count as what the first layer with weights has.
[[nodiscard]] inline std::vector<LayerPrecision> op_precisions(const Program& program, const FusedProgram& fused,
                                                               std::span<const LayerPrecision> rows) {
  const auto own = [&](const Op& op) { return rows[static_cast<std::size_t>(op.layer)]; };
  std::vector<LayerPrecision> of_value(program.values.size(), LayerPrecision::fp32);
  const auto first = detail::find_if(fused.ops, has_own_precision);
  if (first != fused.ops.end()) {
    of_value[0] = own(*first);
  } else if (!fused.ops.empty()) {
    of_value[0] = own(fused.ops[0]);
  }
  std::vector<LayerPrecision> precisions;
  for (const Op& op : fused.ops) {
    LayerPrecision precision = LayerPrecision::int8;
    if (has_own_precision(op)) {
      precision = own(op);
    } else {
      for (std::size_t k = 0; k < static_cast<std::size_t>(op.operand_count); ++k) {
        precision = std::max(precision, of_value[static_cast<std::size_t>(op.operands[k])]);
      }
    }
    of_value[static_cast<std::size_t>(op.output)] = precision;
    precisions.push_back(precision);
  }
  return precisions;
}

}  // namespace detail
}  // namespace attar
