// SPDX-License-Identifier: MIT
#include <cstddef>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "pair_dot.hpp"
#include "plain_product.hpp"
#include <attar/backend/embedded/dot.hpp>
#include <attar/backend/embedded/product_plan.hpp>

namespace attar::test::product_plan_test {
namespace {

constexpr Window three{{3, 3}, {1, 1}, {1, 1}, {1, 1}};

// PyTorch keeps (output, input, tap); tiles want the outputs of a lane side by side for each tap, then input.
TEST(ProductPlan, PacksWeightsAsTilesReadThem) {
  constexpr detail::ProductPlan<detail::FloatDot> plan{conv_shape<2, 4, 4, 3>(three)};
  std::vector<float> weights(3 * 2 * 9);
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<float>(i + 1);
  std::vector<float> packed(plan.packed_weights());
  plan.pack(std::span<const float>{weights}, packed.data());
  for (std::size_t tap = 0; tap < 9; ++tap) {
    for (std::size_t input = 0; input < 2; ++input) {
      for (std::size_t output = 0; output < std::size_t{detail::FloatDot::lanes}; ++output) {
        const float truth = output < 3 ? weights[(output * 2 + input) * 9 + tap] : 0.0F;
        EXPECT_EQ(packed[(tap * 2 + input) * detail::FloatDot::lanes + output], truth);
      }
    }
  }
}

// Rows of three numbers of two channels each are neighbours in memory: 6 numbers, 3 pairs, of each of 3 rows.
TEST(ProductPlan, PadsRowsOfAWindowToGroups) {
  constexpr detail::ProductPlan<PairDot> even{conv_shape<2, 4, 4, PairDot::lanes>(three)};
  static_assert(even.packed_weights() == std::size_t{3 * 6} * PairDot::lanes);
  constexpr detail::ProductPlan<PairDot> odd{conv_shape<1, 4, 4, PairDot::lanes>(three)};
  static_assert(odd.packed_weights() == std::size_t{3 * 4} * PairDot::lanes);
  EXPECT_EQ(odd.window.groups(PairDot::group), 2U);
}

TEST(ProductPlan, CopiesAsManyRowsAsACacheKeeps) {
  EXPECT_EQ((detail::ProductPlan<detail::FloatDot>{conv_shape<16, 32, 32, 16>(three)}.lines_at_once), 16U);
  EXPECT_EQ((detail::ProductPlan<detail::FloatDot>{conv_shape<64, 8, 8, 64>(three)}.lines_at_once), 8U);
  EXPECT_EQ((detail::ProductPlan<detail::FloatDot>{conv_shape<512, 224, 224, 8>(three)}.lines_at_once), 1U);
}

}  // namespace
}  // namespace attar::test::product_plan_test
