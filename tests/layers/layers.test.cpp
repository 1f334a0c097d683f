// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/layers/layers.hpp>

namespace attar::layers_test {
namespace {

template <class... Layers>
constexpr bool have_names = (!Layers::name.empty() && ...);

TEST(Layers, AreAllThere) {
  static_assert(have_names<AvgPool2d<2>, BatchNorm2d, Concat<Identity>, Conv2d<1>, DepthwiseConv2d<>,
                           Dropout<Rate<1, 2>>, Flatten, GlobalAvgPool, HardSwish, Linear<1>, MaxPool2d<2>, ReLU, ReLU6,
                           Repeat<1, ReLU>, Residual<ReLU>, SqueezeExcite<>, Stack<>>);
}

}  // namespace
}  // namespace attar::layers_test
