// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/model/cost.hpp>
#include <attar/model/zoo/wide_resnet.hpp>

namespace attar::zoo::wide_resnet_test {
namespace {

// Counted by tests/golden/count_zoo.py on the same network in PyTorch.
// Published: 36.5 million parameters (Zagoruyko and Komodakis 2016); with 100 classes 2.26, 0.57 and 0.70 million (Tian
// et al. 2020).
static_assert(cost<WideResNet<28, 10>>.parameters == 36'479'194);
static_assert(cost<WideResNet<28, 10>>.multiply_adds == 5'243'328'768);
using In = Input<3, 32, 32>;
static_assert(cost<WideResNet<40, 2, In, Classes<100>>>.parameters == 2'255'156);
static_assert(cost<WideResNet<40, 1, In, Classes<100>>>.parameters == 569'780);
static_assert(cost<WideResNet<16, 2, In, Classes<100>>>.parameters == 703'284);
static_assert(cost<WideResNet<16, 2, In, Classes<100>>>.multiply_adds == 101'118'464);

TEST(WideResNet, NotWidenedNeedsNoShortcutInTheFirstStage) {
  static_assert(cost<WideResNet<16, 2>>.layers == 14 + 3, "13 in a line, 3 in shortcuts, 1 linear");
  static_assert(cost<WideResNet<16, 1>>.layers == 14 + 2);
}

}  // namespace
}  // namespace attar::zoo::wide_resnet_test
