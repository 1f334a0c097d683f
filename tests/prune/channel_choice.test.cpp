// SPDX-License-Identifier: MIT
#include <vector>

#include <gtest/gtest.h>

#include <attar/model/sequential.hpp>
#include <attar/prune/channel_choice.hpp>

namespace attar::detail::channel_choice_test {
namespace {

using Channels = std::vector<std::size_t>;
using Scores = std::vector<std::vector<double>>;

template <int First, int Second>
using Net = Sequential<Input<1, 1, 1>, Conv2d<First>, ReLU, Conv2d<Second>, Flatten, Linear<2>>;

TEST(ChannelChoice, KeepsTheBestAscending) {
  const Scores scores{{1, 5, 2, 4}, {}, {3, 2, 1}, {}, {1, 1}};
  const ChannelChoice choice{Net<4, 3>::program, Net<2, 1>::program, scores};
  EXPECT_EQ(choice.channels(0), (Channels{0}));
  EXPECT_EQ(choice.channels(1), (Channels{1, 3}));
  EXPECT_EQ(choice.channels(2), (Channels{1, 3}));
  EXPECT_EQ(choice.channels(3), (Channels{0}));
  EXPECT_EQ(choice.channels(5), (Channels{0, 1}));
}

TEST(ChannelChoice, AmongEqualsTheFirstStay) {
  const Scores scores{{0, 0, 0, 0}, {}, {1, 1, 1}, {}, {1, 1}};
  const ChannelChoice choice{Net<4, 3>::program, Net<2, 2>::program, scores};
  EXPECT_EQ(choice.channels(1), (Channels{0, 1}));
  EXPECT_EQ(choice.channels(3), (Channels{0, 1}));
}

TEST(ChannelChoice, DividesASumByItsParts) {
  // The first convolution says how many of its 2 channels stay, the third how many of all 5: so 2 of the second's 3.
  using Wide = Sequential<Input<1, 1, 1>, Residual<Concat<Conv2d<2>, Conv2d<3>>, Conv2d<5>>, Linear<2>>;
  using Narrow = Sequential<Input<1, 1, 1>, Residual<Concat<Conv2d<1>, Conv2d<2>>, Conv2d<3>>, Linear<2>>;
  const Scores scores{{1, 2}, {1, 3, 2}, {}, {1, 1, 1, 1, 1}, {}, {1, 1}};
  const ChannelChoice choice{Wide::program, Narrow::program, scores};
  EXPECT_EQ(choice.channels(Wide::program.ops[3].output), (Channels{1, 3, 4}));
}

TEST(IsNarrower, AsksForTheSameOperations) {
  static_assert(is_narrower(Net<2, 1>::program, Net<4, 3>::program));
  static_assert(!is_narrower(Net<4, 3>::program, Net<2, 1>::program));
  static_assert(!is_narrower(Sequential<Input<1, 1, 1>, Conv2d<2>, Flatten, Linear<2>>::program, Net<4, 3>::program));
}

}  // namespace
}  // namespace attar::detail::channel_choice_test
