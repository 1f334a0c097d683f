// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/model/cost.hpp>
#include <attar/model/zoo/densenet.hpp>

namespace attar::zoo::densenet_test {
namespace {

// Counted by tests/golden/count_zoo.py on the same network in PyTorch.
// Published: 0.8 million parameters (Huang et al. 2016, table 2).
static_assert(cost<DenseNetBc<100, 12>>.parameters == 769'162);
static_assert(cost<DenseNetBc<100, 12>>.multiply_adds == 287'929'692);

TEST(DenseNetBc, HasTheLayersOfItsDepth) {
  static_assert(cost<DenseNetBc<40, 12>>.layers == 40);
}

}  // namespace
}  // namespace attar::zoo::densenet_test
