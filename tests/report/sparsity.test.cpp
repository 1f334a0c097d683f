// SPDX-License-Identifier: MIT
#include <algorithm>

#include <gtest/gtest.h>

#include <attar/report/sparsity.hpp>

namespace attar {
namespace {

TEST(SparsityTable, CountsTheZerosOfWeights) {
  Network<Sequential<Input<1, 4, 4>, Conv2d<4, Kernel<3>>, BatchNorm2d, GlobalAvgPool, Linear<2>>> network{Seed{1}};
  std::ranges::fill(network.tensor("0.weight").first(9), 0.0F);
  std::ranges::fill(network.tensor("3.weight").first(4), -0.0F);
  EXPECT_EQ(sparsity_table(network),
            "weights of  size  zeros  sparsity\n"
            "---------------------------------\n"
            "0.weight      36      9     25.0%\n"
            "3.weight       8      4     50.0%\n"
            "---------------------------------\n"
            "all           44     13     29.5%\n");
}

}  // namespace
}  // namespace attar
