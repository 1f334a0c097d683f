// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/model/cost.hpp>
#include <attar/model/zoo/mobilenet_v2.hpp>

namespace attar::zoo::mobilenet_v2_test {
namespace {

// Counted by tests/golden/count_zoo.py on the same network in PyTorch.
// Published: 3,504,872 parameters and 0.301 billion multiply-adds (torchvision); of half the width 97 million
// multiply-adds (Sandler et al. 2018).
static_assert(cost<MobileNetV2<>>.parameters == 3'504'872);
static_assert(cost<MobileNetV2<>>.multiply_adds == 300'774'272);
using In = Input<3, 224, 224>;
static_assert(cost<MobileNetV2<In, Classes<1000>, WidthMultiplier<1, 2>>>.parameters == 1'968'680);
static_assert(cost<MobileNetV2<In, Classes<1000>, WidthMultiplier<1, 2>>>.multiply_adds == 97'131'840);
static_assert(cost<MobileNetV2<In, Classes<1000>, WidthMultiplier<7, 5>>>.parameters == 6'108'776);
static_assert(cost<MobileNetV2<In, Classes<1000>, WidthMultiplier<7, 5>>>.multiply_adds == 582'195'824);

TEST(MobileNetV2, EndsAtAThirtySecondOfTheSize) {
  constexpr const Program& program = MobileNetV2<>::program;
  static_assert(program.shape(program.output - 3) == Shape{1280, 7, 7});
}

}  // namespace
}  // namespace attar::zoo::mobilenet_v2_test
