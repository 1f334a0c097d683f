// SPDX-License-Identifier: MIT
#include <vector>

#include <gtest/gtest.h>

#include "zeroed.hpp"
#include <attar/prune/channels.hpp>
#include <attar/prune/criteria/random.hpp>
#include <attar/prune/prune_to.hpp>

namespace attar::prune_to_test {
namespace {

using test::surgery_error;

template <class Wide, class Share = Keep<1, 2>, class Rounding = RoundTo<4>, class Criterion = L1Norm>
double uniform_error(std::uint64_t seed = 1) {
  using Narrow = prune_channels_t<Wide, Share, Rounding>;
  static_assert(Narrow::program.buffer_size < Wide::program.buffer_size);
  return surgery_error<Narrow, Criterion, Wide>(seed);
}

template <int Width, class... More>
using Block = Stack<Conv2d<Width, Kernel<3>, More...>, BatchNorm2d, ReLU>;

using ResNet =
    Sequential<Input<3, 8, 8>, Block<16>, Repeat<2, Residual<Stack<Block<16>, Conv2d<16, Kernel<3>>, BatchNorm2d>>>,
               ReLU, Residual<Stack<Block<24, Stride<2>>, Conv2d<24, Kernel<3>, Bias>>, Conv2d<24, Stride<2>>>,
               Residual<Block<24>>, GlobalAvgPool, Linear<10>>;

using DenseNet = Sequential<
    Input<3, 8, 8>, Conv2d<12, Kernel<3>>,
    Repeat<3, Concat<Stack<>, Stack<BatchNorm2d, ReLU, Conv2d<16>, BatchNorm2d, ReLU, Conv2d<8, Kernel<3>>>>>,
    BatchNorm2d, ReLU, Conv2d<20>, AvgPool2d<2>, Concat<ReLU, Block<8>, Stack<>>, GlobalAvgPool, Linear<10>>;

template <int Hidden, int Width>
using Inverted = Stack<Conv2d<Hidden>, BatchNorm2d, ReLU6, DepthwiseConv2d<Kernel<3>>, BatchNorm2d, ReLU6,
                       Conv2d<Width>, BatchNorm2d>;
using MobileNetV2 = Sequential<Input<3, 8, 8>, Block<8, Stride<2>>, DepthwiseConv2d<Kernel<3>, Bias>, BatchNorm2d,
                               Inverted<32, 16>, Residual<Inverted<48, 16>>, Residual<Inverted<48, 16>>,
                               Conv2d<40, Groups<1>>, Conv2d<40, Groups<40>, Kernel<3>>, GlobalAvgPool, Linear<10>>;

using MobileNetV3 = Sequential<Input<3, 8, 8>, Block<16>,
                               Residual<Stack<Conv2d<32>, BatchNorm2d, HardSwish, DepthwiseConv2d<Kernel<3>>,
                                              BatchNorm2d, SqueezeExcite<4>, HardSwish, Conv2d<16>, BatchNorm2d>>,
                               SqueezeExcite<2>, GlobalAvgPool, Linear<32>, HardSwish, Linear<10>>;

using Vgg = Sequential<Input<3, 8, 8>, Repeat<1, Block<16>>, Block<16, Bias>, MaxPool2d<2>, Block<24>, MaxPool2d<2>,
                       Flatten, Linear<20>, ReLU, Dropout<Rate<1, 2>>, Linear<10>>;

using FullyConvolutional = Sequential<Input<3, 8, 8>, Block<16>, Block<16>, Conv2d<10>, GlobalAvgPool>;

TEST(PruneTo, EqualsZeroedChannels) {
  EXPECT_LT(uniform_error<ResNet>(), 1e-9);
  EXPECT_LT(uniform_error<DenseNet>(), 1e-9);
  EXPECT_LT(uniform_error<MobileNetV2>(), 1e-9);
  EXPECT_LT(uniform_error<MobileNetV3>(), 1e-9);
  EXPECT_LT(uniform_error<Vgg>(), 1e-9);
  EXPECT_LT(uniform_error<FullyConvolutional>(), 1e-9);
}

TEST(PruneTo, EqualsZeroedChannelsForEveryShareAndCriterion) {
  EXPECT_LT((uniform_error<ResNet, Keep<3, 4>, RoundTo<8>>(2)), 1e-9);
  EXPECT_LT((uniform_error<ResNet, Keep<1, 5>, RoundTo<1>, L2Norm>(3)), 1e-9);
  EXPECT_LT((uniform_error<DenseNet, Keep<2, 3>, RoundTo<1>, Random<7>>(4)), 1e-9);
  EXPECT_LT((uniform_error<MobileNetV3, Keep<5, 8>, RoundTo<2>, Random<8>>(5)), 1e-9);
}

TEST(PruneTo, TakesWidthsThatDifferFromLayerToLayer) {
  using Wide =
      Sequential<Input<3, 4, 4>, Concat<Conv2d<8>, Conv2d<6>>, Residual<Block<14>>, Conv2d<9>, Flatten, Linear<4>>;
  using Narrow =
      Sequential<Input<3, 4, 4>, Concat<Conv2d<3>, Conv2d<5>>, Residual<Block<8>>, Conv2d<9>, Flatten, Linear<4>>;
  EXPECT_LT((surgery_error<Narrow, L1Norm, Wide>(6)), 1e-9);
}

TEST(PruneTo, KeepsTheChannelsOfLargestNormInTheirOrder) {
  using Wide = Sequential<Input<1, 1, 1>, Conv2d<5, Bias>, Linear<1, NoBias>>;
  using Narrow = Sequential<Input<1, 1, 1>, Conv2d<3, Bias>, Linear<1, NoBias>>;
  Network<Wide> wide;
  std::ranges::copy(std::vector<float>{3, -1, -9, 2, 4}, wide.tensor("0.weight").begin());
  std::ranges::copy(std::vector<float>{10, 20, 30, 40, 50}, wide.tensor("0.bias").begin());
  std::ranges::copy(std::vector<float>{1, 2, 3, 4, 5}, wide.tensor("1.weight").begin());
  const Network<Narrow> narrow = prune_to<Narrow>(wide);
  EXPECT_TRUE(std::ranges::equal(narrow.tensor("0.weight"), std::vector<float>{3, -9, 4}));
  EXPECT_TRUE(std::ranges::equal(narrow.tensor("0.bias"), std::vector<float>{10, 30, 50}));
  EXPECT_TRUE(std::ranges::equal(narrow.tensor("1.weight"), std::vector<float>{1, 3, 5}));
}

TEST(PruneTo, AddsTheScoresOfChannelsThatGoTogether) {
  using Wide = Sequential<Input<1, 1, 1>, Conv2d<3>, Residual<Conv2d<3>>, Linear<1>>;
  using Narrow = Sequential<Input<1, 1, 1>, Conv2d<1>, Residual<Conv2d<1>>, Linear<1>>;
  Network<Wide> wide;
  // Each layer has the same say: 3/6 + 50/120 is more than 1/6 + 60/120, though 53 is less than 61.
  std::ranges::copy(std::vector<float>{1, 2, 3}, wide.tensor("0.weight").begin());
  std::ranges::copy(std::vector<float>{60, 0, 0, 0, 10, 0, 0, 0, -50}, wide.tensor("1.main.weight").begin());
  const Network<Narrow> narrow = prune_to<Narrow>(wide);
  EXPECT_EQ(narrow.tensor("0.weight")[0], 3);
  EXPECT_EQ(narrow.tensor("1.main.weight")[0], -50);
}

TEST(PruneTo, TakesTheSqueezedFeaturesByTheirOwnNorm) {
  using Wide = Sequential<Input<2, 1, 1>, Conv2d<4>, SqueezeExcite<2>, Linear<1>>;
  using Narrow = Sequential<Input<2, 1, 1>, Conv2d<2>, SqueezeExcite<2>, Linear<1>>;
  Network<Wide> wide{Seed{1}};
  for (std::size_t i = 0; i < 4; ++i) wide.tensor("1.fc1.weight")[i] = 0.01F;
  // A gate's weights say nothing of a channel: however large, they do not save it.
  std::ranges::copy(std::vector<float>{1, 1, 5, 5, 2, 2, 6, 6}, wide.tensor("0.weight").begin());
  std::ranges::copy(std::vector<float>{99, 99, 1, 2, 99, 99, 3, 4}, wide.tensor("1.fc2.weight").begin());
  const Network<Narrow> narrow = prune_to<Narrow>(wide);
  EXPECT_TRUE(std::ranges::equal(narrow.tensor("0.weight"), std::vector<float>{5, 5, 6, 6}));
  EXPECT_EQ(narrow.tensor("1.fc1.weight")[0], wide.tensor("1.fc1.weight")[4 + 1]);
  EXPECT_EQ(narrow.tensor("1.fc1.weight")[1], wide.tensor("1.fc1.weight")[4 + 3]);
  EXPECT_TRUE(std::ranges::equal(narrow.tensor("1.fc2.weight"), std::vector<float>{2, 4}));
}

TEST(PruneTo, RefusesOtherArchitectures) {
  using Net = Sequential<Input<3, 8, 8>, Conv2d<8>, ReLU, GlobalAvgPool, Linear<10>>;
  static_assert(narrower_than<Net, Net>);
  static_assert(narrower_than<Sequential<Input<3, 8, 8>, Conv2d<5>, ReLU, GlobalAvgPool, Linear<10>>, Net>);
  static_assert(!narrower_than<Sequential<Input<3, 8, 8>, Conv2d<9>, ReLU, GlobalAvgPool, Linear<10>>, Net>);
  static_assert(!narrower_than<Sequential<Input<3, 8, 8>, Conv2d<8>, ReLU6, GlobalAvgPool, Linear<10>>, Net>);
  static_assert(!narrower_than<Sequential<Input<3, 8, 8>, Conv2d<8, Bias>, ReLU, GlobalAvgPool, Linear<10>>, Net>);
  static_assert(!narrower_than<Sequential<Input<3, 8, 8>, Conv2d<8>, ReLU, GlobalAvgPool, Linear<9>>, Net>);
  static_assert(!narrower_than<Sequential<Input<2, 8, 8>, Conv2d<8>, ReLU, GlobalAvgPool, Linear<10>>, Net>);
  static_assert(!narrower_than<Sequential<Input<3, 8, 8>, Conv2d<8, Kernel<3>>, ReLU, GlobalAvgPool, Linear<10>>, Net>);
}

TEST(PruneTo, ReportsWidthsThatContradictEachOther) {
  // The sum joins channels 0..3 of the second path's 8 to the first branch, which keeps 4, and the rest to the other.
  using Wide =
      Sequential<Input<1, 1, 1>, Residual<Concat<Conv2d<4>, Conv2d<4>>, Concat<Conv2d<4>, Conv2d<4>>>, Linear<1>>;
  using Narrow =
      Sequential<Input<1, 1, 1>, Residual<Concat<Conv2d<4>, Conv2d<2>>, Concat<Conv2d<2>, Conv2d<4>>>, Linear<1>>;
  static_assert(narrower_than<Narrow, Wide>);
  try {
    (void)prune_to<Narrow>(Network<Wide>{Seed{1}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    EXPECT_NE(error.subject().find("shortcut"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace attar::prune_to_test
