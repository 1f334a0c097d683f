// SPDX-License-Identifier: MIT
#include <type_traits>
#include <utility>

#include <gtest/gtest.h>

#include "zeroed.hpp"
#include <attar/prune/prune.hpp>

namespace attar::prune_test {
namespace {

/// Random numbers of a type: the n-th draw below `Bound` of the seed.
template <int SeedValue>
constexpr int draw(int position, int bound) {
  return static_cast<int>(
      Rng{Seed{SeedValue}, static_cast<std::uint64_t>(position)}.below(static_cast<std::uint32_t>(bound)));
}

/// Some layer at that position of a random network, 8 x 8 at first; every kind of coupling occurs.
template <int SeedValue, int Position>
constexpr auto pick() {
  constexpr int width = 4 + 4 * draw<SeedValue>(100 + Position, 5);
  constexpr int other = 4 + 4 * draw<SeedValue>(200 + Position, 5);
  constexpr int kind = draw<SeedValue>(Position, 10);
  if constexpr (kind == 0) {
    return std::type_identity<Stack<Conv2d<width, Kernel<3>>, BatchNorm2d, ReLU>>{};
  } else if constexpr (kind == 1) {
    return std::type_identity<Residual<Stack<Conv2d<other>, ReLU, Conv2d<width, Bias>>, Conv2d<width>>>{};
  } else if constexpr (kind == 2) {
    return std::type_identity<
        Stack<Conv2d<width>, Repeat<2, Residual<Stack<BatchNorm2d, HardSwish, Conv2d<width, Kernel<3>>>>>>>{};
  } else if constexpr (kind == 3) {
    return std::type_identity<Concat<Stack<>, Stack<BatchNorm2d, Conv2d<width>>>>{};
  } else if constexpr (kind == 4) {
    return std::type_identity<Residual<Stack<DepthwiseConv2d<Kernel<3>, Bias>, BatchNorm2d>>>{};
  } else if constexpr (kind == 5) {
    return std::type_identity<Stack<Conv2d<width>, SqueezeExcite<2>, ReLU6>>{};
  } else if constexpr (kind == 6) {
    return std::type_identity<MaxPool2d<3, Stride<1>, Padding<1>>>{};
  } else if constexpr (kind == 7) {
    return std::type_identity<Residual<Concat<Conv2d<width>, Conv2d<other>>, Concat<Conv2d<width>, Conv2d<other>>>>{};
  } else if constexpr (kind == 8) {
    return std::type_identity<Concat<Conv2d<width>, Stack<Conv2d<other>, ReLU>, AvgPool2d<3, Stride<1>, Padding<1>>>>{};
  } else {
    return std::type_identity<Stack<Conv2d<width>, Conv2d<width, Groups<width>, Kernel<3>>>>{};
  }
}

template <int SeedValue, int... Positions>
auto random_body(std::integer_sequence<int, Positions...>)
    -> Stack<typename decltype(pick<SeedValue, Positions>())::type...>;

template <int SeedValue>
using RandomNet =
    Sequential<Input<3, 8, 8>, decltype(random_body<SeedValue>(std::make_integer_sequence<int, 6>{})),
               std::conditional_t<SeedValue % 2 == 0, GlobalAvgPool, Stack<AvgPool2d<4>, Flatten>>, Linear<7>>;

template <class Number>
class RandomArchitecture : public testing::Test {};
template <int Value>
using Number = std::integral_constant<int, Value>;
using Numbers = testing::Types<Number<1>, Number<2>, Number<3>, Number<4>, Number<5>, Number<6>, Number<7>, Number<8>,
                               Number<9>, Number<10>, Number<11>, Number<12>>;
TYPED_TEST_SUITE(RandomArchitecture, Numbers);

TYPED_TEST(RandomArchitecture, PrunedEqualsZeroed) {
  constexpr int number = TypeParam::value;
  using Wide = RandomNet<number>;
  using Narrow = prune_channels_t<Wide, Keep<1 + number % 3, 4>, RoundTo<4 * (number % 2) + 1 - number % 2>>;
  EXPECT_LT((test::surgery_error<Narrow, L1Norm, Wide>(number)), 1e-9);
}

TEST(Prune, GivesTheTypeOfTheTransform) {
  using Net = Sequential<Input<3, 8, 8>, Conv2d<32>, ReLU, GlobalAvgPool, Linear<10>>;
  const Network<Net> network{Seed{1}};
  auto slim = prune<Channels<L1Norm, Keep<3, 4>, RoundTo<8>>>(network);
  static_assert(std::is_same_v<decltype(slim), Network<prune_channels_t<Net, Keep<3, 4>, RoundTo<8>>>>);
  static_assert(std::is_same_v<decltype(slim)::ArchitectureType,
                               Sequential<Input<3, 8, 8>, Conv2d<24>, ReLU, GlobalAvgPool, Linear<10>>>);
}

TEST(Prune, KeepingAllKeepsAllNumbers) {
  using Net = RandomNet<3>;
  const Network<Net> network{Seed{1}};
  EXPECT_TRUE(std::ranges::equal(prune<Channels<L1Norm, Keep<1, 1>>>(network).buffer(), network.buffer()));
}

TEST(Prune, ChanceDiffersFromTheNorm) {
  using Net = Sequential<Input<3, 8, 8>, Conv2d<32>, ReLU, GlobalAvgPool, Linear<10>>;
  const Network<Net> network{Seed{1}};
  const auto norm = prune<Channels<L1Norm, Keep<1, 2>>>(network);
  const auto chance = prune<Channels<Random<1>, Keep<1, 2>>>(network);
  EXPECT_FALSE(std::ranges::equal(norm.buffer(), chance.buffer()));
}

TEST(Prune, WeightsGiveNetworkAndMask) {
  using Net = Sequential<Input<3, 8, 8>, Conv2d<32>, ReLU, GlobalAvgPool, Linear<10>>;
  const auto sparse = prune<Weights<L1Norm, Sparsity<9, 10>, Global>>(Network<Net>{Seed{1}});
  static_assert(std::is_same_v<decltype(sparse.network), Network<Net>>);
  static_assert(std::is_same_v<decltype(sparse.mask), Mask<Net>>);
}

TEST(Prune, HandsOnEvidenceAndRatios) {
  using Net = Sequential<Input<3, 8, 8>, Conv2d<16>, ReLU, GlobalAvgPool, Linear<10>>;
  const Network<Net> network{Seed{1}};
  Evidence<float> evidence{Net::program};
  std::ranges::fill(evidence.curvature(), 1.0F);
  std::ranges::fill(evidence.gradients(), 0.0F);
  // Only what belongs to the last eight filters changes the loss.
  const std::size_t first = Net::program.parameter(0).offset + std::size_t{8} * 3;
  std::ranges::fill(evidence.gradients().subspan(first, 8 * 3), 1.0F);
  const auto slim = prune<Channels<Taylor, Keep<1, 2>>>(network, evidence);
  EXPECT_TRUE(std::ranges::equal(slim.tensor("0.weight"), network.tensor("0.weight").subspan(8 * 3)));
  const auto sparse = prune<Weights<Snip>>(network, evidence, LayerRatios{{"0", 0.5}});
  EXPECT_TRUE(std::ranges::all_of(sparse.network.tensor("0.weight").first(8 * 3), [](float x) { return x == 0; }));
  const auto half = prune<Weights<L1Norm>>(network, LayerRatios{{"3", 0.5}});
  EXPECT_EQ(std::ranges::count(half.network.tensor("3.weight"), 0.0F), 80);
}

}  // namespace
}  // namespace attar::prune_test
