// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <attar/model/sequential.hpp>

namespace attar {

/// What an architecture costs: known before anything runs, so that a budget is a `static_assert`.
struct Cost {
  std::size_t parameters = 0;       ///< Numbers that training changes.
  std::size_t statistics = 0;       ///< Running means and variances of norms.
  std::uint64_t multiply_adds = 0;  ///< Of convolutions and linear layers, for one image.
  std::size_t bytes = 0;            ///< All numbers in a file, as fp32.
  std::size_t activation_peak = 0;  ///< Bytes of the feature maps alive at once, at most: one image, fp32, inference.
  std::size_t layers = 0;           ///< Convolutions and linear layers, those of a squeeze-excite included.

  friend constexpr bool operator==(const Cost&, const Cost&) = default;
};

namespace detail {

constexpr int operand(const Op& op, int index) {
  return op.operands[static_cast<std::size_t>(index)];
}

/// Whether the result may take the place of an operand of the same size.
constexpr bool works_in_place(OpKind kind) {
  return kind == OpKind::batch_norm || kind == OpKind::activation || kind == OpKind::dropout || kind == OpKind::add ||
         kind == OpKind::scale;
}

/// The largest sum of the sizes of values that are alive at once. A value lives from its operation to its last reader;
/// an operation that works number by number overwrites an operand that nobody reads later.
constexpr std::size_t peak_elements(const Program& program) {
  std::vector<std::size_t> last_reader(program.values.size(), 0);
  const auto last = [&](int value) -> std::size_t& { return last_reader[static_cast<std::size_t>(value)]; };
  for (std::size_t i = 0; i < program.ops.size(); ++i) {
    for (int k = 0; k < program.ops[i].operand_count; ++k) last(operand(program.ops[i], k)) = i;
  }
  last(program.output) = program.ops.size();

  std::size_t alive = program.input_shape().size();
  std::size_t peak = alive;
  for (std::size_t i = 0; i < program.ops.size(); ++i) {
    const Op& op = program.ops[i];
    const std::size_t result = program.shape(op.output).size();
    std::size_t dying = 0;
    bool in_place = false;
    for (int k = 0; k < op.operand_count; ++k) {
      std::size_t& reader = last(operand(op, k));
      if (reader != i) continue;
      const std::size_t size = program.shape(operand(op, k)).size();
      dying += size;
      in_place = in_place || (works_in_place(op.kind) && size == result);
      reader = program.ops.size() + 1;  // An operand that is read twice dies once.
    }
    peak = std::max(peak, in_place ? alive : alive + result);
    alive = alive + result - dying;
  }
  return peak;
}

constexpr Cost cost_of(const Program& program) {
  Cost cost;
  for (const Parameter& parameter : program.parameters) {
    (trainable(parameter.role) ? cost.parameters : cost.statistics) += parameter.size;
  }
  for (const LayerRow& row : program.rows) cost.multiply_adds += row.multiply_adds;
  for (const Op& op : program.ops) cost.layers += is_product(op) ? 1 : 0;
  cost.bytes = (cost.parameters + cost.statistics) * sizeof(float);
  cost.activation_peak = peak_elements(program) * sizeof(float);
  return cost;
}

}  // namespace detail

/// The cost of an architecture.
///
///     static_assert(cost<Student>.parameters < 100'000);
template <Architecture A>
inline constexpr Cost cost = detail::cost_of(A::program);

}  // namespace attar
