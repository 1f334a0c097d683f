// SPDX-License-Identifier: MIT
#include <vector>

#include <gtest/gtest.h>

#include <attar/model/sequential.hpp>
#include <attar/prune/budget.hpp>
#include <attar/prune/width_path.hpp>

namespace attar::detail::width_path_test {
namespace {

using Scores = std::vector<std::vector<double>>;
using Net = Sequential<Input<1, 1, 1>, Conv2d<8>, Conv2d<8>, Linear<2>>;

Scores ramp(double first_of_second) {
  Scores scores(3, std::vector<double>(8, 1));
  scores[1] = {first_of_second, 9, 9, 9, 9, 9, 9, 9};
  scores[2] = {1, 1};
  return scores;
}

WidthPath path(const Scores& scores, WidthLimits limits, std::vector<double> weights = {}) {
  const auto spending = [](const Program& program) { return budget::Parameters{}.spent(program); };
  return {WidthCells{Net::program, sized_ops<Net>(), scores}, weights, &find_program<Net>, spending, limits};
}

TEST(WidthPath, RemovesTheWorstUnitOfAllLayers) {
  // Both layers have a share of 1, the second a channel that is worth nearly nothing.
  WidthPath at = path(ramp(0.01), {.multiple = 1});
  EXPECT_EQ(at.widths(), (Widths{8, 8, 2}));
  EXPECT_DOUBLE_EQ(at.spent(), 8 + 64 + 16 + 2);
  ASSERT_TRUE(at.advance());
  EXPECT_EQ(at.widths(), (Widths{8, 7, 2}));
  EXPECT_DOUBLE_EQ(at.spent(), 8 + 56 + 14 + 2);
}

TEST(WidthPath, DividesByWhatAUnitCosts) {
  WidthPath at = path(Scores(3, std::vector<double>{}), {.multiple = 1});  // All are worth nothing: the first goes.
  ASSERT_TRUE(at.advance());
  WidthPath even = path(ramp(9), {.multiple = 1});  // Equal worth; a channel of the second saves 10 numbers, not 9.
  ASSERT_TRUE(even.advance());
  EXPECT_EQ(even.widths(), (Widths{8, 7, 2}));
}

TEST(WidthPath, WeighsLayers) {
  WidthPath at = path(ramp(9), {.multiple = 1}, {0.5, 1, 1});
  ASSERT_TRUE(at.advance());
  EXPECT_EQ(at.widths(), (Widths{7, 8, 2}));
}

TEST(WidthPath, EndsAtTheSmallestMultiples) {
  WidthPath at = path(ramp(1), {.multiple = 3, .min_share = 0.5});
  std::vector<Widths> seen;
  while (at.advance()) seen.push_back(at.widths());
  EXPECT_EQ(seen.back(), (Widths{6, 6, 2}));
  EXPECT_EQ(seen.size(), 2U);
  EXPECT_FALSE(path(ramp(1), {.multiple = 8}).advance());
  EXPECT_FALSE(path(ramp(1), {.multiple = 16}).advance());
  EXPECT_FALSE(path(ramp(1), {.multiple = 1, .min_share = 1}).advance());
}

TEST(WidthPath, GoesNotWhereLayersDoNotFit) {
  using Squeezed = Sequential<Input<1, 2, 2>, Conv2d<8>, SqueezeExcite<4>, GlobalAvgPool, Linear<2>>;
  const auto spending = [](const Program& program) { return budget::Parameters{}.spent(program); };
  WidthPath at{WidthCells{Squeezed::program, sized_ops<Squeezed>(), {}},
               {},
               &find_program<Squeezed>,
               spending,
               {.multiple = 1, .min_share = 0.01}};
  while (at.advance()) {
  }
  EXPECT_EQ(at.widths(), (Widths{4, 2}));
}

}  // namespace
}  // namespace attar::detail::width_path_test
