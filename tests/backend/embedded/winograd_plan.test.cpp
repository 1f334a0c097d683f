// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "pair_dot.hpp"
#include "plain_product.hpp"
#include <attar/backend/embedded/winograd_plan.hpp>

namespace attar::test::winograd_plan_test {
namespace {

constexpr Window three{{3, 3}, {1, 1}, {1, 1}, {1, 1}};
template <int Outputs>
using Plan = detail::WinogradPlan<PairDot, Outputs>;

TEST(WinogradPlan, KnowsWhatItComputes) {
  EXPECT_TRUE(Plan<2>::computes(conv_shape<5, 9, 9, 7>(three)));
  EXPECT_TRUE(Plan<4>::computes(conv_shape<5, 9, 9, 7>({{3, 3}, {1, 1}, {0, 2}, {1, 1}})));
  EXPECT_FALSE(Plan<2>::computes(conv_shape<5, 9, 9, 7>({{3, 3}, {2, 2}, {1, 1}, {1, 1}})));
  EXPECT_FALSE(Plan<2>::computes(conv_shape<5, 9, 9, 7>({{3, 3}, {1, 1}, {1, 1}, {2, 2}})));
  EXPECT_FALSE(Plan<2>::computes(conv_shape<5, 9, 9, 7>({{5, 5}, {1, 1}, {2, 2}, {1, 1}})));
  EXPECT_FALSE(Plan<2>::computes(conv_shape<6, 9, 9, 6>(three, 2)));
  EXPECT_FALSE(Plan<2>::computes(conv_shape<6, 9, 9, 6>(Window{})));
}

// Beyond, a sum of extreme bytes would not come back from modulo 2^32.
TEST(WinogradPlan, CutsChannelsIntoExactParts) {
  EXPECT_EQ((Plan<4>{conv_shape<114, 4, 4, 1>(three)}.parts), 1U);
  const Plan<4> plan{conv_shape<301, 4, 4, 1>(three)};
  EXPECT_EQ(plan.parts, 3U);
  EXPECT_EQ(plan.part_inputs, 102U);
  EXPECT_EQ(plan.inputs_of(0) + plan.inputs_of(1) + plan.inputs_of(2), 301U);
  EXPECT_EQ((Plan<2>{conv_shape<1840, 4, 4, 1>(three)}.parts), 1U);
  EXPECT_EQ((Plan<2>{conv_shape<1842, 4, 4, 1>(three)}.parts), 2U);
}

TEST(WinogradPlan, CutsTheResultIntoSquares) {
  const Plan<4> plan{conv_shape<3, 10, 17, 5>(three)};
  EXPECT_EQ(plan.rows, 3U);
  EXPECT_EQ(plan.columns, 5U);
  EXPECT_EQ(plan.rows % plan.rows_at_once, 0U);
  EXPECT_EQ(plan.row_size, 3U * 22);
  EXPECT_EQ(plan.margin, 3U);
}

// Each weight stands where tiles take it: by blocks of outputs, points, groups of inputs.
TEST(WinogradPlan, PacksTransformedWeights) {
  constexpr int inputs = 3;
  constexpr int outputs = 2 * PairDot::lanes + 1;
  const Plan<2> plan{conv_shape<inputs, 6, 6, outputs>(three)};
  ASSERT_EQ(plan.blocks.vectors, 2);
  std::vector<std::int8_t> weights(inputs * outputs * 9);
  weights[(outputs - 1) * inputs * 9 + 2 * 9] = 5;  // Of the last output and input, above and left of the middle.
  std::vector<std::int16_t> packed(plan.packed_weights());
  plan.pack(std::span<const std::int8_t>{weights}, packed.data());
  const std::size_t block = 16 * plan.point_weights(0, 2);
  const std::size_t third = block + 2 * PairDot::lanes;  // The second group of the first point of the second block.
  for (std::size_t i = 0; i < packed.size(); ++i) {
    int expected = 0;
    if (i == third) expected = 4 * 5;
    if (i == third + plan.point_weights(0, 1) || i == third + 2 * plan.point_weights(0, 1)) expected = 2 * 5;
    if (i == third + 4 * plan.point_weights(0, 1) || i == third + 8 * plan.point_weights(0, 1)) expected = 2 * 5;
    for (const std::size_t point : {5U, 6U, 9U, 10U}) {
      if (i == third + point * plan.point_weights(0, 1)) expected = 5;
    }
    ASSERT_EQ(packed[i], expected) << i;
  }
}

}  // namespace
}  // namespace attar::test::winograd_plan_test
