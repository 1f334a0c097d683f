// SPDX-License-Identifier: MIT
#include <type_traits>

#include <gtest/gtest.h>

#include <attar/model/cost.hpp>
#include <attar/model/zoo.hpp>
#include <attar/prune/channels.hpp>

namespace attar::channels_test {
namespace {

using In = Input<3, 16, 16>;
using Head = Stack<GlobalAvgPool, Linear<10>>;

template <class... Layers>
using Pruned = prune_channels_t<Sequential<In, Layers..., Head>, Keep<3, 4>>;

TEST(PruneChannelsType, ScalesConvolutionsAndLeavesTheClassifier) {
  static_assert(
      std::is_same_v<Pruned<Conv2d<32, Kernel<3>, Stride<2>, Bias>, BatchNorm2d, ReLU, Conv2d<64>>,
                     Sequential<In, Conv2d<24, Kernel<3>, Stride<2>, Bias>, BatchNorm2d, ReLU, Conv2d<48>, Head>>);
}

TEST(PruneChannelsType, GoesIntoEveryComposite) {
  static_assert(
      std::is_same_v<Pruned<Conv2d<32>, Repeat<2, Residual<Stack<Conv2d<32>>, Concat<Conv2d<32>>>>>,
                     Sequential<In, Conv2d<24>, Repeat<2, Residual<Stack<Conv2d<24>>, Concat<Conv2d<24>>>>, Head>>);
}

TEST(PruneChannelsType, DepthwiseFollowsInBothSpellings) {
  static_assert(
      std::is_same_v<Pruned<Conv2d<32>, DepthwiseConv2d<Kernel<3>>, Conv2d<32, Kernel<3>, Groups<32>>>,
                     Sequential<In, Conv2d<24>, DepthwiseConv2d<Kernel<3>>, Conv2d<24, Kernel<3>, Groups<24>>, Head>>);
}

TEST(PruneChannelsType, LeavesLinearLayersAndNarrowLayers) {
  static_assert(std::is_same_v<Pruned<Conv2d<8>, Flatten, Linear<100>, ReLU>,
                               Sequential<In, Conv2d<8>, Flatten, Linear<100>, ReLU, Head>>);
}

TEST(PruneChannelsType, LeavesTheChannelsOfTheOutput) {
  using Before =
      Sequential<In, Conv2d<32>, Conv2d<32>, Residual<Stack<Conv2d<32>, Conv2d<32>>>, DepthwiseConv2d<>, GlobalAvgPool>;
  using After =
      Sequential<In, Conv2d<24>, Conv2d<32>, Residual<Stack<Conv2d<24>, Conv2d<32>>>, DepthwiseConv2d<>, GlobalAvgPool>;
  static_assert(std::is_same_v<prune_channels_t<Before, Keep<3, 4>>, After>);
}

TEST(PruneChannelsType, SqueezeExciteInfersItsWidth) {
  constexpr const Program& program = Pruned<Conv2d<64>, SqueezeExcite<4>>::program;
  static_assert(program.parameter(1).dims == std::array{12, 48, 0, 0});
}

TEST(PruneChannelsType, KeepingAllChangesNothing) {
  using Net = Sequential<In, Conv2d<20>, Conv2d<7, Groups<1>>, Head>;
  static_assert(std::is_same_v<prune_channels_t<Net, Keep<1, 1>>, Net>);
}

template <class... Nets>
constexpr bool all_shrink() {
  return ((cost<prune_channels_t<Nets, Keep<3, 4>>>.multiply_adds < cost<Nets>.multiply_adds) && ...) &&
         ((cost<prune_channels_t<Nets, Keep<1, 2>>>.multiply_adds < cost<Nets>.multiply_adds / 2) && ...);
}

TEST(PruneChannelsType, TakesTheWholeZoo) {
  static_assert(all_shrink<zoo::ResNet20<>, zoo::ResNet56<>, zoo::WideResNet<16, 2>, zoo::Vgg8<>, zoo::MobileNetV2<>,
                           zoo::EfficientNetLite0<>, zoo::DenseNetBc<40, 24>>());
}

}  // namespace
}  // namespace attar::channels_test
