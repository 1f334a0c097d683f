// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/report/summary.hpp>

namespace attar::summary_test {
namespace {

TEST(Summary, ListsLayersWithSharesAndTotals) {
  using Net =
      Sequential<Input<1, 8, 8>, Conv2d<2, Kernel<3>, Stride<2>>, BatchNorm2d,
                 Residual<Stack<Conv2d<2, Kernel<3>, Bias>, ReLU>>, GlobalAvgPool, Dropout<Rate<1, 4>>, Linear<10>>;
  EXPECT_EQ(summary<Net>(),
            "path      layer            output  parameters  share  multiply-adds  share  bytes\n"
            "---------------------------------------------------------------------------------\n"
            "          Input             1x8x8\n"
            "0         Conv2d 3x3 s2     2x4x4          18  20.0%            288  32.6%     72\n"
            "1         BatchNorm2d       2x4x4           4   4.4%                           32\n"
            "2.main.0  Conv2d 3x3 bias   2x4x4          38  42.2%            576  65.2%    152\n"
            "2.main.1  ReLU              2x4x4\n"
            "2         Add               2x4x4\n"
            "3         GlobalAvgPool     2x1x1\n"
            "4         Dropout 0.25      2x1x1\n"
            "5         Linear           10x1x1          30  33.3%             20   2.3%    120\n"
            "---------------------------------------------------------------------------------\n"
            "          total                            90                   884           376\n"
            "activation peak 384 bytes (one image, fp32), 3 layers with weights, 4 statistics of norms\n");
}

TEST(Summary, NamesUnusualOptions) {
  using Net = Sequential<Input<4, 16, 16>, Conv2d<4, Kernel<3, 5>, Padding<0>, Dilation<2>, Groups<2>>,
                         MaxPool2d<3, Stride<2>, Padding<1>>, AvgPool2d<2>>;
  const std::string text = summary<Net>();
  EXPECT_NE(text.find("Conv2d 3x5 p0 d2 g2 "), std::string::npos) << text;
  EXPECT_NE(text.find("MaxPool2d 3x3 s2 p1 "), std::string::npos) << text;
  EXPECT_NE(text.find("AvgPool2d 2x2 "), std::string::npos) << text;
}

}  // namespace
}  // namespace attar::summary_test
