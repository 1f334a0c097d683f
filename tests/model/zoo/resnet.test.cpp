// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/model/cost.hpp>
#include <attar/model/zoo/resnet.hpp>

namespace attar::zoo::resnet_test {
namespace {

// Counted by tests/golden/count_zoo.py on the same network in PyTorch.
// Published: 0.27 and 0.85 million parameters (He et al. 2015, table 6, with shortcuts that have none); 40.81 and
// 125.75 million multiply-adds (chenyaofo/pytorch-cifar-models).
static_assert(cost<ResNet20<>>.parameters == 272'474);
static_assert(cost<ResNet20<>>.multiply_adds == 40'813'184);
static_assert(cost<ResNet56<>>.parameters == 855'770);
static_assert(cost<ResNet56<>>.multiply_adds == 125'747'840);
static_assert(cost<ResNet20<Input<3, 32, 32>, Classes<100>>>.parameters == 278'324);
static_assert(cost<ResNet56<Input<3, 32, 32>, Classes<100>>>.parameters == 861'620);

TEST(CifarResNet, HasTheLayersOfItsDepth) {
  static_assert(cost<ResNet20<>>.layers == 20 + 2, "and two convolutions in shortcuts");
  static_assert(cost<CifarResNet<32>>.layers == 32 + 2);
}

TEST(CifarResNet, TakesInputClassesAndWidths) {
  using Small = ResNet20<Input<1, 28, 28>, Classes<5>, Widths<8, 16, 24>>;
  static_assert(Small::output_shape == Shape{5, 1, 1});
  static_assert(Small::program.parameter(0).dims == std::array{8, 1, 3, 3});
}

}  // namespace
}  // namespace attar::zoo::resnet_test
