// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/model/sequential.hpp>

namespace attar::sequential_test {
namespace {

template <int Width, class... More>
using Block = Stack<Conv2d<Width, Kernel<3>, More...>, BatchNorm2d, ReLU>;
template <int Width>
using Net = Sequential<Input<1, 28, 28>, Block<Width>, MaxPool2d<2>, Block<2 * Width>, MaxPool2d<2>, Block<3 * Width>,
                       GlobalAvgPool, Linear<10>>;

TEST(Sequential, WorksOutShapes) {
  static_assert(Net<16>::input_shape == Shape{1, 28, 28} && Net<16>::output_shape == Shape{10});
  static_assert(Net<16>::program.rows[4].path.view() == "2.0" && Net<16>::program.rows[4].input == Shape{16, 14, 14});
  static_assert(std::is_empty_v<Net<16>>);
}

TEST(Sequential, OfNoLayersIsTheIdentity) {
  using None = Sequential<Input<3, 4, 5>>;
  static_assert(None::output_shape == None::input_shape && None::program.ops.empty() && None::program.output == 0);
}

TEST(Sequential, IsAnArchitecture) {
  static_assert(Architecture<Net<8>>);
  static_assert(!Architecture<int> && !Architecture<Conv2d<3>> && !Architecture<Input<1, 2, 3>>);
}

TEST(Sequential, KnowsItsLayers) {
  using Small = Sequential<Input<3, 4, 5>, ReLU, Flatten>;
  static_assert(std::is_same_v<Small::InputLayer, Input<3, 4, 5>>);
  static_assert(std::is_same_v<Small::Body, Stack<ReLU, Flatten>>);
}

TEST(Sequential, TakesDeepStacks) {
  using Deep = Sequential<Input<3, 8, 8>, Repeat<50, Residual<Block<3>>>, GlobalAvgPool, Linear<2>>;
  static_assert(Deep::program.ops.size() == 50 * 4 + 2);
  static_assert(Deep::program.rows[50 * 4 - 1].path.view() == "0.49");
}

}  // namespace
}  // namespace attar::sequential_test
