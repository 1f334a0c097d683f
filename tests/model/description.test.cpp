// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/model/description.hpp>
#include <attar/model/sequential.hpp>

namespace attar::description_test {
namespace {

TEST(Description, NamesEachLayerWithItsOutput) {
  using Net = Sequential<Input<1, 4, 4>, Conv2d<2, Kernel<3>>, ReLU, GlobalAvgPool, Linear<3>>;
  EXPECT_EQ(describe(Net::program), "1x4x4 > Conv2d 2x4x4 > ReLU 2x4x4 > GlobalAvgPool 2x1x1 > Linear 3x1x1");
}

TEST(Description, FingerprintsTellArchitecturesApart) {
  using One = Sequential<Input<1, 4, 4>, Conv2d<2, Kernel<3>>>;
  using Strided = Sequential<Input<1, 4, 4>, Conv2d<2, Kernel<3>, Stride<2>>>;
  EXPECT_EQ(fingerprint_text(One::program).size(), 16U);
  EXPECT_NE(fingerprint_text(One::program), fingerprint_text(Strided::program));
}

}  // namespace
}  // namespace attar::description_test
