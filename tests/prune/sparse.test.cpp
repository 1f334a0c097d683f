// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>

#include <gtest/gtest.h>

#include <attar/prune/sparse.hpp>

namespace attar::sparse_test {
namespace {

using Net = Sequential<Input<8, 1, 1>, Linear<8>, ReLU, Linear<4>>;

std::size_t held(const Mask<Net>& mask) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < Net::program.trainable_size; ++i) count += mask.keeps(i) ? 0U : 1U;
  return count;
}

TEST(PruneSparse, KeepsTheZerosThatAreThere) {
  const auto half = prune<Weights<Random<1>, Sparsity<1, 2>, Global>>(Network<Net>{Seed{1}});
  const auto sparser = prune<Weights<Random<2>, Sparsity<3, 4>, Global>>(half);
  EXPECT_EQ(held(half.mask), 48U);
  EXPECT_EQ(held(sparser.mask), 72U);
  for (std::size_t i = 0; i < Net::program.trainable_size; ++i) {
    EXPECT_TRUE(half.mask.keeps(i) || !sparser.mask.keeps(i)) << i;
    EXPECT_TRUE(sparser.mask.keeps(i) || sparser.network.trainable()[i] == 0) << i;
  }
}

TEST(PruneSparse, NeverGivesBack) {
  MaskedNetwork<Net> sparse = prune<Weights<L1Norm, Sparsity<1, 2>>>(Network<Net>{Seed{1}});
  sparse.mask.drop(Net::program.parameter(1).offset);  // A bias, which policies do not look at.
  const auto same = prune<Weights<L1Norm, Sparsity<1, 10>>>(sparse);
  EXPECT_EQ(held(same.mask), 49U);
  EXPECT_EQ(same.network.trainable()[Net::program.parameter(1).offset], 0);
}

TEST(PruneSparse, TakesRatiosOfLayers) {
  const auto sparse = prune<Weights<L1Norm, Sparsity<1, 4>>>(Network<Net>{Seed{1}});
  const auto sparser = prune<Weights<L1Norm>>(sparse, LayerRatios{{"2", 0.75}});
  EXPECT_EQ(held(sparser.mask), 16U + 24U);
}

}  // namespace
}  // namespace attar::sparse_test
