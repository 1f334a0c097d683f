// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <attar/core/aligned_buffer.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/layers/op.hpp>
#include <attar/model/fuse.hpp>
#include <attar/model/program.hpp>

namespace attar {

/// A block of memory that must hold its content from step `first` to step `last`, both included.
struct Lifetime {
  std::size_t bytes = 0;
  std::size_t first = 0;
  std::size_t last = 0;
};

/// Where blocks lie in one arena.
struct MemoryPlan {
  std::vector<std::size_t> offsets;  ///< In bytes, one per block; multiples of `buffer_alignment`.
  std::size_t bytes = 0;             ///< The size of the arena.
};

/// Places blocks so that two that live at once never overlap and the arena stays small: the largest first, each into
/// the tightest gap that fits (greedy by size, Pisarchyk and Lee 2020). No program of the zoo needs more than its peak.
[[nodiscard]] constexpr MemoryPlan plan_memory(std::span<const Lifetime> blocks) {
  const auto rounded = [](std::size_t bytes) {
    return (bytes + buffer_alignment - 1) / buffer_alignment * buffer_alignment;
  };
  // Vectors get a value to begin with, and none is of bools: what clang can do at compile time with libstdc++ 12.
  std::vector<std::size_t> order(blocks.size(), 0);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return blocks[a].bytes != blocks[b].bytes ? blocks[a].bytes > blocks[b].bytes : a < b;
  });

  MemoryPlan plan{std::vector<std::size_t>(blocks.size(), 0), 0};
  std::vector<std::size_t> placed;  // By rising offset.
  for (const std::size_t block : order) {
    const std::size_t size = rounded(blocks[block].bytes);
    std::size_t best = 0;
    std::size_t best_gap = ~std::size_t{0};
    std::size_t end = 0;
    for (const std::size_t other : placed) {
      if (blocks[other].last < blocks[block].first || blocks[block].last < blocks[other].first) continue;
      const std::size_t begin = plan.offsets[other];
      if (begin >= end && begin - end >= size && begin - end < best_gap) {
        best = end;
        best_gap = begin - end;
      }
      end = std::max(end, begin + rounded(blocks[other].bytes));
    }
    plan.offsets[block] = best_gap == ~std::size_t{0} ? end : best;
    plan.bytes = std::max(plan.bytes, plan.offsets[block] + size);
    const auto position =
        std::upper_bound(placed.begin(), placed.end(), block,
                         [&](std::size_t one, std::size_t other) { return plan.offsets[one] < plan.offsets[other]; });
    placed.insert(position, block);
  }
  return plan;
}

/// Where the values of a program lie in the arena of an inference.
struct ValuePlan {
  static constexpr std::size_t none = ~std::size_t{0};

  std::vector<std::size_t> offsets;  ///< In bytes, per value; `none` for values that fusion made needless.
  std::vector<char> sums_in_place;   ///< Per operation: its result takes the place of the residual that it adds.
  std::size_t bytes = 0;
};

/// Plans the values of a fused program. `bytes_of(value)` is the size of a value for the whole batch. Where
/// `sums_in_place`, a convolution writes its result over the residual that it adds, if nobody reads that later.
template <class BytesOf>
[[nodiscard]] constexpr ValuePlan plan_values(const Program& program, const FusedProgram& fused, bool sums_in_place,
                                              BytesOf&& bytes_of) {
  const std::size_t values = program.values.size();
  const std::size_t end = fused.ops.size() + 1;  // Step 0 writes the input, step i + 1 is operation i.
  std::vector<std::size_t> last(values, 0);
  const auto reads = [](const Op& op, auto&& visit) {
    for (std::size_t k = 0; k < static_cast<std::size_t>(op.operand_count); ++k) visit(op.operands[k]);
    if (op.residual >= 0) visit(op.residual);
  };
  for (std::size_t i = 0; i < fused.ops.size(); ++i) {
    reads(fused.ops[i], [&](int value) { last[static_cast<std::size_t>(value)] = i + 1; });
  }
  last[static_cast<std::size_t>(fused.output)] = end;

  ValuePlan plan{std::vector<std::size_t>(values, ValuePlan::none), std::vector<char>(fused.ops.size(), 0), 0};
  std::vector<std::size_t> block_of(values, ValuePlan::none);
  std::vector<Lifetime> blocks{{bytes_of(0), 0, last[0]}};
  block_of[0] = 0;
  for (std::size_t i = 0; i < fused.ops.size(); ++i) {
    const Op& op = fused.ops[i];
    const auto output = static_cast<std::size_t>(op.output);
    const std::size_t dies = std::max(last[output], i + 1);
    if (sums_in_place && op.residual >= 0 && op.kind == OpKind::conv2d) {
      const auto residual = static_cast<std::size_t>(op.residual);
      const bool free = last[residual] == i + 1 && op.operands[0] != op.residual;
      if (free && bytes_of(op.residual) == bytes_of(op.output)) {
        plan.sums_in_place[i] = true;
        block_of[output] = block_of[residual];
        blocks[block_of[output]].last = dies;
        continue;
      }
    }
    block_of[output] = blocks.size();
    blocks.push_back({bytes_of(op.output), i + 1, dies});
  }
  const MemoryPlan memory = plan_memory(detail::span_of(blocks));
  for (std::size_t value = 0; value < values; ++value) {
    if (block_of[value] != ValuePlan::none) plan.offsets[value] = memory.offsets[block_of[value]];
  }
  plan.bytes = memory.bytes;
  return plan;
}

}  // namespace attar
