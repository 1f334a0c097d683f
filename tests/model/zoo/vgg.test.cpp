// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/model/cost.hpp>
#include <attar/model/zoo/vgg.hpp>

namespace attar::zoo::vgg_test {
namespace {

// Counted by tests/golden/count_zoo.py on the same network in PyTorch.
// Published: 3.97 and 9.46 million parameters with 100 classes (RepDistiller; Tian et al. 2020).
using In = Input<3, 32, 32>;
static_assert(cost<Vgg8<In, Classes<100>>>.parameters == 3'965'028);
static_assert(cost<Vgg8<In, Classes<100>>>.multiply_adds == 96'192'512);
static_assert(cost<Vgg13<In, Classes<100>>>.parameters == 9'462'180);
static_assert(cost<Vgg13<In, Classes<100>>>.multiply_adds == 284'936'192);

TEST(Vgg, HasOneOrTwoConvolutionsPerStage) {
  static_assert(cost<Vgg8<>>.layers == 5 + 1);
  static_assert(cost<Vgg13<>>.layers == 10 + 1);
}

}  // namespace
}  // namespace attar::zoo::vgg_test
