// SPDX-License-Identifier: MIT
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/embedded/output_blocks.hpp>

namespace attar::detail::output_blocks_test {
namespace {

TEST(OutputBlocks, TheLastBlockHasWhatIsLeft) {
  constexpr OutputBlocks blocks = in_blocks(45, 2, 8);
  static_assert(blocks.count() == 3);
  static_assert(blocks.outputs_of(1) == 16 && blocks.vectors_of(1) == 2);
  static_assert(blocks.outputs_of(2) == 13 && blocks.vectors_of(2) == 2);
  static_assert(in_blocks(33, 2, 8).vectors_of(2) == 1);
  static_assert(in_blocks(32, 2, 8).count() == 2);
}

TEST(OutputBlocks, WhatBlocksHaveIsAddedUp) {
  const auto outputs_in = [](int vectors) { return static_cast<std::size_t>(vectors) * 8; };
  static_assert(in_blocks(45, 2, 8).sum(outputs_in) == 48);
  static_assert(in_blocks(3, 1, 8).sum(outputs_in) == 8);
  static_assert(in_blocks(32, 2, 8).sum(outputs_in) == 32);
}

using Calls = std::vector<std::pair<std::size_t, std::size_t>>;

template <OutputBlocks Blocks>
Calls calls(const Range& some) {
  Calls result;
  for_blocks<Blocks>(some, [&]<int Vectors, std::size_t Outputs>(std::size_t block) {
    EXPECT_EQ(Vectors, Blocks.vectors_of(block));
    result.emplace_back(block, Outputs);
  });
  return result;
}

TEST(OutputBlocks, AreVisitedWithTheirSizes) {
  constexpr OutputBlocks blocks = in_blocks(37, 2, 8);
  EXPECT_EQ(calls<blocks>({0, 3}), (Calls{{0, 16}, {1, 16}, {2, 5}}));
  EXPECT_EQ(calls<blocks>({1, 2}), (Calls{{1, 16}}));
  EXPECT_EQ(calls<blocks>({2, 3}), (Calls{{2, 5}}));
  EXPECT_EQ(calls<blocks>({2, 2}), Calls{});
  EXPECT_EQ(calls<blocks>({3, 3}), Calls{});
  EXPECT_EQ((calls<in_blocks(32, 2, 8)>({0, 2})), (Calls{{0, 16}, {1, 16}}));
}

}  // namespace
}  // namespace attar::detail::output_blocks_test
