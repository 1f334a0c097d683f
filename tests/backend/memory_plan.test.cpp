// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include "../support/random_network.hpp"
#include <attar/backend/memory_plan.hpp>
#include <attar/model/sequential.hpp>

namespace attar::memory_plan_test {
namespace {

TEST(PlanMemory, GivesNothingAnEmptyArena) {
  EXPECT_EQ(plan_memory({}).bytes, 0U);
}

TEST(PlanMemory, LetsBlocksThatFollowEachOtherShareMemory) {
  const std::vector<Lifetime> blocks{{100, 0, 1}, {100, 1, 2}, {100, 2, 3}, {100, 3, 4}};
  const MemoryPlan plan = plan_memory(blocks);
  EXPECT_EQ(plan.bytes, 256U);
  EXPECT_EQ(plan.offsets[0], plan.offsets[2]);
  EXPECT_EQ(plan.offsets[1], plan.offsets[3]);
}

TEST(PlanMemory, FillsTheTightestGap) {
  const std::vector<Lifetime> blocks{{1024, 0, 1}, {960, 0, 9}, {512, 0, 1}, {448, 0, 9}, {256, 5, 9}};
  const MemoryPlan plan = plan_memory(blocks);
  EXPECT_EQ(plan.offsets, (std::vector<std::size_t>{0, 1024, 1984, 2496, 1984}));
}

TEST(PlanMemory, NeverOverlapsWhatLivesAtOnce) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Rng rng{Seed{seed}};
    std::vector<Lifetime> blocks(1 + rng.below(40));
    std::size_t peak = 0;
    for (Lifetime& block : blocks) {
      const std::size_t first = rng.below(20);
      block = {1 + rng.below(5000), first, first + rng.below(8)};
    }
    for (std::size_t step = 0; step < 30; ++step) {
      std::size_t live = 0;
      for (const Lifetime& block : blocks) live += block.first <= step && step <= block.last ? block.bytes : 0;
      peak = std::max(peak, live);
    }
    const MemoryPlan plan = plan_memory(blocks);
    for (std::size_t a = 0; a < blocks.size(); ++a) {
      EXPECT_EQ(plan.offsets[a] % buffer_alignment, 0U);
      EXPECT_LE(plan.offsets[a] + blocks[a].bytes, plan.bytes);
      for (std::size_t b = 0; b < a; ++b) {
        const bool together = blocks[a].first <= blocks[b].last && blocks[b].first <= blocks[a].last;
        const bool apart = plan.offsets[a] + blocks[a].bytes <= plan.offsets[b] ||
                           plan.offsets[b] + blocks[b].bytes <= plan.offsets[a];
        EXPECT_TRUE(!together || apart) << "seed " << seed << ": blocks " << a << " and " << b;
      }
    }
    EXPECT_GE(plan.bytes, peak);
    EXPECT_LE(plan.bytes, 2 * peak + 64 * blocks.size());
  }
}

/// Executes a program on paper: every value is written as a label and must still be there when it is read.
void expect_values_survive(const Program& program, bool in_place, std::size_t element) {
  const FusedProgram fused = fuse(program, FuseFor::inference);
  const auto bytes_of = [&](int value) { return program.shape(value).size() * element; };
  const ValuePlan plan = plan_values(program, fused, in_place, bytes_of);
  std::vector<int> arena(plan.bytes / 4 + 1, -1);
  const auto cells = [&](int value, auto&& visit) {
    const std::size_t begin = plan.offsets[static_cast<std::size_t>(value)] / 4;
    for (std::size_t i = begin; i < begin + (bytes_of(value) + 3) / 4; ++i) visit(arena.at(i));
  };
  const auto write = [&](int value) { cells(value, [&](int& cell) { cell = value; }); };
  const auto expect_there = [&](int value) { cells(value, [&](int& cell) { ASSERT_EQ(cell, value); }); };
  write(0);
  for (std::size_t i = 0; i < fused.ops.size(); ++i) {
    const Op& op = fused.ops[i];
    for (int k = 0; k < op.operand_count; ++k) expect_there(op.operands[static_cast<std::size_t>(k)]);
    if (op.residual >= 0) expect_there(op.residual);
    const std::size_t output = plan.offsets[static_cast<std::size_t>(op.output)];
    if (plan.sums_in_place[i]) {
      EXPECT_EQ(output, plan.offsets[static_cast<std::size_t>(op.residual)]);
    } else if (op.residual >= 0) {
      EXPECT_NE(output, plan.offsets[static_cast<std::size_t>(op.residual)]);
    }
    write(op.output);
    // Operands may only go with the step that reads them last.
    for (int k = 0; k < op.operand_count; ++k) {
      if (op.operands[static_cast<std::size_t>(k)] != op.residual)
        expect_there(op.operands[static_cast<std::size_t>(k)]);
    }
  }
  expect_there(fused.output);
}

TEST(PlanValues, KeepsEveryValueUntilItsLastReader) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(seed);
    const test::RandomNetwork random{Seed{seed}, 16};
    for (const bool in_place : {false, true}) {
      for (const std::size_t element : {std::size_t{1}, std::size_t{4}}) {
        expect_values_survive(random.program(), in_place, element);
      }
    }
  }
}

using Block = Residual<Stack<Conv2d<8, Kernel<3>>, ReLU, Conv2d<8, Kernel<3>>>>;
using Small = Sequential<Input<8, 8, 8>, Block, ReLU, Block, ReLU>;

TEST(PlanValues, SumsOverTheResidualWhereItDies) {
  const FusedProgram fused = fuse(Small::program, FuseFor::inference);
  const auto bytes = [](int) { return std::size_t{512}; };
  const ValuePlan in_place = plan_values(Small::program, fused, true, bytes);
  EXPECT_EQ(in_place.sums_in_place, (std::vector<char>{0, 1, 0, 1}));
  EXPECT_EQ(in_place.bytes, 2 * 512U);
  EXPECT_EQ(plan_values(Small::program, fused, false, bytes).bytes, 3 * 512U);
}

}  // namespace
}  // namespace attar::memory_plan_test
