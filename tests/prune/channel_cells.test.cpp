// SPDX-License-Identifier: MIT
#include <vector>

#include <gtest/gtest.h>

#include <attar/model/sequential.hpp>
#include <attar/prune/channel_cells.hpp>

namespace attar::detail::channel_cells_test {
namespace {

using Scores = std::vector<std::vector<double>>;

TEST(ChannelCells, RankTheirGroupsByScoresRelativeToTheLayer) {
  using Net = Sequential<Input<1, 1, 1>, Conv2d<3>, Residual<Conv2d<3>>>;
  const Scores scores{{1, 2, 3}, {40, 10, 10}, {}};
  const ChannelCells cells{Net::program, scores};
  ASSERT_EQ(cells.cells().size(), 2U);  // The input, and what the sum joins.
  const ChannelCell& joined = cells.cells()[1];
  EXPECT_EQ(joined.times, (std::map<int, int>{{1, 1}, {2, 1}}));
  EXPECT_EQ(joined.groups, (std::vector<int>{1, 3, 2}));
  EXPECT_DOUBLE_EQ(cells.importance(1), 0.5 + 2.0);
  EXPECT_DOUBLE_EQ(cells.importance(2), 1.0 + 0.5);
  EXPECT_DOUBLE_EQ(cells.importance(3), 1.5 + 0.5);
}

TEST(ChannelCells, AreApartWhereChannelsAreNotInterchangeable) {
  using Net = Sequential<Input<1, 1, 1>, Residual<Concat<Conv2d<2>, Conv2d<3>>, Conv2d<5>>>;
  const ChannelCells cells{Net::program, Scores{}};
  ASSERT_EQ(cells.cells().size(), 3U);
  EXPECT_EQ(cells.cells()[1].groups.size(), 2U);
  EXPECT_EQ(cells.cells()[2].groups.size(), 3U);
}

TEST(ChannelCells, GatesHaveNoSay) {
  using Net = Sequential<Input<1, 1, 1>, Conv2d<2>, SqueezeExcite<1>>;
  Scores scores(Net::program.ops.size());
  scores[0] = {1, 3};
  scores[4] = {100, 1};  // What the gate is computed by.
  const ChannelCells cells{Net::program, scores};
  EXPECT_EQ(cells.cells()[1].groups, (std::vector<int>{2, 1}));
}

}  // namespace
}  // namespace attar::detail::channel_cells_test
