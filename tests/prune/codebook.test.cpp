// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/prune/codebook.hpp>

namespace attar::codebook_test {
namespace {

TEST(Codebook, FiveBitsUnlessToldOtherwise) {
  EXPECT_EQ(Codebook<>::clusters, 32U);
  EXPECT_EQ(Codebook<>::clusters_of_linear, 32U);
  EXPECT_EQ((Codebook<Bits<3>>::clusters), 8U);
  EXPECT_EQ((Codebook<Bits<3>>::clusters_of_linear), 8U);
  EXPECT_EQ((Codebook<Bits<8>, LinearBits<4>>::clusters), 256U);
  EXPECT_EQ((Codebook<LinearBits<4>, Bits<8>>::clusters_of_linear), 16U);
  EXPECT_EQ((Codebook<LinearBits<1>>::clusters), 32U);
  EXPECT_EQ((Codebook<LinearBits<1>>::clusters_of_linear), 2U);
}

}  // namespace
}  // namespace attar::codebook_test
