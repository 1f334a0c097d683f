// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include <attar/report/sparsity.hpp>

namespace attar::sparsity_test {
namespace {

using Net = Sequential<Input<1, 4, 4>, Conv2d<4, Kernel<3>>, BatchNorm2d, GlobalAvgPool, Linear<2>>;

TEST(CountZeros, CountsWeightsRowsAndChannels) {
  // 3 outputs, 2 inputs, 2 taps.
  const std::vector<std::int8_t> weights{0, 0, 0, 0,  //
                                         1, 0, 0, 0,  //
                                         0, 5, 0, 0};
  EXPECT_EQ(count_zeros(std::span<const std::int8_t>{weights}, 3, 2),
            (Zeros{.weights = 12, .zeros = 10, .rows = 3, .zero_rows = 1, .channels = 2, .zero_channels = 1}));
}

constexpr const char* expected =
    "weights of  size  zeros  sparsity   rows  channels\n"
    "--------------------------------------------------\n"
    "0.weight      36      9     25.0%  25.0%      0.0%\n"
    "3.weight       8      5     62.5%  50.0%     25.0%\n"
    "--------------------------------------------------\n"
    "all           44     14     31.8%  33.3%     20.0%\n";

TEST(SparsityTable, CountsTheZerosOfWeights) {
  Network<Net> network{Seed{1}};
  std::ranges::fill(network.tensor("0.weight").first(9), 0.0F);
  std::ranges::fill(network.tensor("3.weight").first(5), -0.0F);
  EXPECT_EQ(sparsity_table(network), expected);
  EXPECT_EQ(sparsity_table(MaskedNetwork<Net>{network, {}}), expected);
}

TEST(SparsityTable, OfQuantizedWeights) {
  QuantizedNetwork<Net> network;
  std::ranges::fill(network.weight(0).subspan(9), std::int8_t{3});
  const int last = Net::program.ops.back().weight;
  std::ranges::fill(network.weight(last).subspan(5), std::int8_t{-3});
  EXPECT_EQ(sparsity_table(network), expected);
}

}  // namespace
}  // namespace attar::sparsity_test
