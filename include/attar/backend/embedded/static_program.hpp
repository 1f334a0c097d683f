// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include <attar/backend/embedded/tiling.hpp>
#include <attar/backend/memory_plan.hpp>
#include <attar/core/shape.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/layers/op.hpp>
#include <attar/model/fuse.hpp>
#include <attar/model/program.hpp>

namespace attar::detail {

[[nodiscard]] constexpr ProductShape shape_of_product(const Op& op, const Program& program) {
  return product_shape(op, program.shape(op.operands[0]), program.shape(op.output));
}

/// The fused operations of an inference and where their values lie, as tables that the compiler made.
template <std::size_t Ops, std::size_t Values>
struct StaticTables {
  std::array<Op, Ops> ops{};
  std::array<std::size_t, Ops> places{};      ///< Of each operation among those that are products, or among the others.
  std::size_t count = 0;                      ///< Of operations: the first ones of these.
  std::array<std::size_t, Values> offsets{};  ///< In bytes, of each value in the arena.
  int output = 0;
  std::size_t bytes = 0;  ///< Of the arena.
};

/// The inference of architecture `A`, worked out by the compiler. `Number` is what a feature map is made of; the result
/// always has room for floats.
template <class A, class Number>
struct StaticProgram {
  static constexpr const Program& program = A::program;
  static constexpr auto tables = [] {
    const FusedProgram fused = fuse(program, FuseFor::inference);
    const ValuePlan plan = plan_values(program, fused, true, [&](int value) {
      return program.shape(value).size() * (value == fused.output ? sizeof(float) : sizeof(Number));
    });
    StaticTables<program.ops.size(), program.values.size()> result;
    std::size_t products = 0;
    for (const Op& op : fused.ops) {
      const std::size_t i = result.count++;
      result.ops[i] = op;
      result.places[i] = is_product(op) ? products : i - products;
      if (is_product(op)) ++products;
    }
    detail::copy(plan.offsets, result.offsets.begin());
    result.output = fused.output;
    result.bytes = plan.bytes;
    return result;
  }();
  static constexpr std::size_t count = tables.count;

  [[nodiscard]] static constexpr std::span<const Op> ops() { return std::span{tables.ops}.first(count); }
  [[nodiscard]] static constexpr std::size_t offset(int value) {
    return tables.offsets[static_cast<std::size_t>(value)];
  }
  [[nodiscard]] static constexpr const Shape& shape(int value) { return A::program.shape(value); }
};

}  // namespace attar::detail
