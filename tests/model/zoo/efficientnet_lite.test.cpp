// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/model/cost.hpp>
#include <attar/model/zoo/efficientnet_lite.hpp>

namespace attar::zoo::efficientnet_lite_test {
namespace {

// Counted by tests/golden/count_zoo.py on the same network in PyTorch.
// Published: 4.65 million parameters (timm); 407 million multiply-adds in the authors' list, where PyTorch and we count
// 385.
static_assert(cost<EfficientNetLite0<>>.parameters == 4'652'008);
static_assert(cost<EfficientNetLite0<>>.multiply_adds == 385'187'552);

TEST(EfficientNetLite0, TakesOtherClasses) {
  static_assert(EfficientNetLite0<Input<3, 224, 224>, Classes<7>>::output_shape == Shape{7, 1, 1});
}

}  // namespace
}  // namespace attar::zoo::efficientnet_lite_test
