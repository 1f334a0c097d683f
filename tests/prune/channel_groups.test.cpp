// SPDX-License-Identifier: MIT
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include <attar/model/sequential.hpp>
#include <attar/prune/channel_groups.hpp>

namespace attar::detail::channel_groups_test {
namespace {

template <class... Layers>
struct GroupsOf {
  using Net = Sequential<Input<2, 2, 2>, Layers...>;
  ChannelGroups groups{Net::program};

  [[nodiscard]] std::vector<int> of(int value) const { return {groups.of(value).begin(), groups.of(value).end()}; }
  [[nodiscard]] std::vector<int> output() const { return of(Net::program.output); }
};

TEST(DisjointSets, JoinsToTheSmallestNumber) {
  DisjointSets sets;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(sets.add(), i);
  sets.join(3, 4);
  sets.join(4, 1);
  EXPECT_EQ(sets.find(3), 1);
  EXPECT_EQ(sets.find(4), 1);
  EXPECT_EQ(sets.find(2), 2);
}

TEST(ChannelGroups, ConvolutionsMakeNewOnesAndOthersPassThemOn) {
  const GroupsOf<Conv2d<3>, BatchNorm2d, ReLU, MaxPool2d<2>, DepthwiseConv2d<>> found;
  EXPECT_EQ(found.output(), found.of(1));
  EXPECT_NE(found.of(1)[0], found.of(0)[0]);
  EXPECT_EQ(found.groups.sources().size(), 2U);
}

TEST(ChannelGroups, SumsJoinThem) {
  const GroupsOf<Conv2d<3>, Residual<Conv2d<3>>> found;
  EXPECT_EQ(found.of(1), found.of(2));
}

TEST(ChannelGroups, ConcatenationPutsThemSideBySide) {
  const GroupsOf<Concat<Stack<>, Conv2d<1>, Stack<>>> found;
  const std::vector<int> channels = found.output();
  ASSERT_EQ(channels.size(), 5U);
  EXPECT_EQ(channels[0], channels[3]);
  EXPECT_EQ(channels[1], channels[4]);
  EXPECT_EQ(std::set<int>(channels.begin(), channels.end()).size(), 3U);
}

TEST(ChannelGroups, FlatteningRepeatsThemPerPixel) {
  const GroupsOf<Flatten> found;
  EXPECT_EQ(found.output(), (std::vector<int>{0, 0, 0, 0, 1, 1, 1, 1}));
}

TEST(ChannelGroups, GatesBelongToWhatTheyScale) {
  const GroupsOf<Conv2d<4>, SqueezeExcite<2>> found;
  const auto& ops = decltype(found)::Net::program.ops;
  const Op& squeeze = ops[2];
  const Op& excite = ops[4];
  ASSERT_EQ(squeeze.kind, OpKind::linear);
  ASSERT_EQ(excite.kind, OpKind::linear);
  EXPECT_EQ(found.of(excite.output), found.of(1));
  EXPECT_TRUE(found.groups.is_gate(excite.output));
  EXPECT_FALSE(found.groups.is_gate(squeeze.output));
  EXPECT_FALSE(found.groups.is_gate(1));
}

}  // namespace
}  // namespace attar::detail::channel_groups_test
