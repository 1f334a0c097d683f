// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include <attar/backend/memory_plan.hpp>
#include <attar/core/shape.hpp>
#include <attar/layers/op.hpp>
#include <attar/model/fuse.hpp>
#include <attar/model/program.hpp>

namespace attar::detail {

/// The fused operations of an inference and where their values lie, as tables that the compiler made.
template <std::size_t Ops, std::size_t Values>
struct StaticTables {
  std::array<Op, Ops> ops{};
  std::array<std::size_t, Values> offsets{};  ///< In bytes, of each value in the arena.
  int output = 0;
  std::size_t bytes = 0;  ///< Of the arena.
};

/// The inference of architecture `A`, worked out by the compiler. `Number` is what a feature map is made of; the result
/// always has room for floats.
template <class A, class Number>
struct StaticProgram {
  static constexpr std::size_t count = fuse(A::program, FuseFor::inference).ops.size();

  static constexpr auto tables = [] {
    constexpr const Program& program = A::program;
    const FusedProgram fused = fuse(program, FuseFor::inference);
    const ValuePlan plan = plan_values(program, fused, true, [&](int value) {
      return program.shape(value).size() * (value == fused.output ? sizeof(float) : sizeof(Number));
    });
    StaticTables<count, program.values.size()> result;
    std::ranges::copy(fused.ops, result.ops.begin());
    std::ranges::copy(plan.offsets, result.offsets.begin());
    result.output = fused.output;
    result.bytes = plan.bytes;
    return result;
  }();

  [[nodiscard]] static constexpr std::size_t offset(int value) {
    return tables.offsets[static_cast<std::size_t>(value)];
  }
  [[nodiscard]] static constexpr const Shape& shape(int value) { return A::program.shape(value); }
};

}  // namespace attar::detail
