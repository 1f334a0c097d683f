// SPDX-License-Identifier: MIT
#include <type_traits>

#include <gtest/gtest.h>

#include <attar/model/transform.hpp>

namespace attar::detail::transform_test {
namespace {

TEST(MakesChannels, IsTrueWhereNoChannelPasses) {
  static_assert(makes_channels<Conv2d<8>> && makes_channels<Linear<8>>);
  static_assert(!makes_channels<DepthwiseConv2d<>> && !makes_channels<Conv2d<8, Groups<8>>> && !makes_channels<ReLU>);
  static_assert(makes_channels<Stack<ReLU, Conv2d<8>, ReLU>> && !makes_channels<Stack<>>);
  static_assert(makes_channels<Repeat<2, Conv2d<8>>> && !makes_channels<Repeat<0, Conv2d<8>>>);
  static_assert(makes_channels<Residual<Conv2d<8>, Conv2d<8>>> && !makes_channels<Residual<Conv2d<8>>>);
  static_assert(makes_channels<Concat<Conv2d<8>, Conv2d<8>>> && !makes_channels<Concat<Conv2d<8>, Stack<>>>);
}

/// Marks where it goes: layers whose channels reach the output become a Dropout.
struct MarkOutput {
  template <class Layer, Place Where>
  struct Leaf {
    using type = std::conditional_t<Where.reaches_output, Dropout<Rate<1, 2>>, Layer>;
  };
};
using Marked = Dropout<Rate<1, 2>>;

TEST(Transform, KnowsWhatReachesTheOutput) {
  using Before = Sequential<Input<8, 4, 4>, Conv2d<8>, ReLU, Residual<Stack<Conv2d<8>, Conv2d<8>>>, ReLU>;
  using After = Sequential<Input<8, 4, 4>, Marked, Marked, Residual<Stack<Conv2d<8>, Marked>>, Marked>;
  static_assert(std::is_same_v<transform_t<MarkOutput, Before>, After>);
  using Classifier = Sequential<Input<8, 4, 4>, Conv2d<8>, GlobalAvgPool, Linear<2>>;
  static_assert(std::is_same_v<transform_t<MarkOutput, Classifier>,
                               Sequential<Input<8, 4, 4>, Conv2d<8>, GlobalAvgPool, Marked>>);
}

TEST(Transform, KnowsTheNeighboursThroughStacks) {
  using places = Stack<Stack<Conv2d<8>>, Stack<Stack<BatchNorm2d>, ReLU>>;
  static_assert(first_kind<places> == Kind::affine && last_kind<places> == Kind::other);
  constexpr auto found = places_in_stack<Place{}, Conv2d<8>, BatchNorm2d, ReLU>;
  static_assert(found[0].after == Kind::norm && found[1].before == Kind::affine && found[2].before == Kind::norm);
}

}  // namespace
}  // namespace attar::detail::transform_test
