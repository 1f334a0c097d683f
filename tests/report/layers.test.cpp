// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include <attar/quantize/quantize.hpp>
#include <attar/report/layers.hpp>

namespace attar::layers_test {
namespace {

using Wide = Sequential<Input<2, 8, 8>, Conv2d<8, Kernel<3>>, BatchNorm2d, ReLU, GlobalAvgPool, Linear<4>>;
using Slim = Sequential<Input<2, 8, 8>, Conv2d<6, Kernel<3>>, BatchNorm2d, ReLU, GlobalAvgPool, Linear<4>>;

/// Times are another each time.
LayerReport with_times(LayerReport report, std::vector<double> times) {
  for (std::size_t i = 0; i < report.size(); ++i) report[i].microseconds = i < times.size() ? times[i] : 0;
  return report;
}

TEST(LayerReport, SaysWhatLayersHoldAndCost) {
  MaskedNetwork<Wide> sparse{Network<Wide>{Seed{1}}, {}};
  std::ranges::fill(sparse.network.tensor("0.weight").first(18), 0.0F);
  const LayerReport report = layer_report(sparse);
  ASSERT_EQ(report.size(), 5U);
  EXPECT_EQ(report[0].path, "0");
  EXPECT_EQ(report[0].name, "Conv2d");
  EXPECT_EQ(report[0].output, (Shape{8, 8, 8}));
  EXPECT_EQ(report[0].zeros,
            (Zeros{.weights = 144, .zeros = 18, .rows = 8, .zero_rows = 1, .channels = 2, .zero_channels = 0}));
  EXPECT_EQ(report[0].parameters, 144U);
  EXPECT_EQ(report[0].multiply_adds, 144U * 64);
  EXPECT_EQ(report[0].bytes, 144U * 4);
  EXPECT_EQ(report[1].bytes, 32U * 4) << "scale, shift and two statistics";
  EXPECT_GT(report[0].microseconds, 0);
  EXPECT_EQ(report[1].microseconds, 0) << "folded into the convolution";
  EXPECT_EQ(report[2].microseconds, 0) << "done by the convolution";
}

TEST(LayerReport, OfAQuantizedNetwork) {
  const Network<Wide> network{Seed{1}};
  const LayerReport report = layer_report(quantize<Int8<MinMax>>(network, std::vector<float>(256, 0.5F)));
  ASSERT_EQ(report.size(), 4U) << "no norm";
  EXPECT_EQ(report[0].bytes, 144U + 8 * 4 + 8 * 4) << "weights, scales, biases";
  EXPECT_GT(report[0].microseconds, 0);
}

TEST(LayerReport, AsATable) {
  Network<Wide> network{Seed{1}};
  std::ranges::fill(network.tensor("0.weight").first(18), 0.0F);
  EXPECT_EQ(layer_table(with_times(layer_report(network), {12.5, 0, 0, 0.25, 1})),
            "path  layer          output  zeros   rows  channels  parameters  multiply-adds  bytes     us\n"
            "--------------------------------------------------------------------------------------------\n"
            "0     Conv2d          8x8x8  12.5%  12.5%      0.0%         144          9,216    576  12.50\n"
            "1     BatchNorm2d     8x8x8                                  16                   128\n"
            "2     ReLU            8x8x8\n"
            "3     GlobalAvgPool   8x1x1                                                             0.25\n"
            "4     Linear          4x1x1   0.0%   0.0%      0.0%          36             32    144   1.00\n"
            "--------------------------------------------------------------------------------------------\n"
            "      total                  10.2%   8.3%      0.0%         196          9,248    848  13.75\n");
}

TEST(LayerReport, ComparesLayersByTheirPaths) {
  const LayerReport before = with_times(layer_report(Network<Wide>{Seed{1}}), {12.5, 0, 0, 0.25, 1});
  const auto int8 = quantize<Int8<MinMax>>(Network<Slim>{Seed{1}}, std::vector<float>(256, 0.5F));
  const LayerReport after = with_times(layer_report(int8), {5, 0, 0.25, 0.5});
  LayerReport zeros_apart = after;  // Which weights are rounded to zero is not the question here.
  for (LayerFigures& layer : zeros_apart) layer.zeros.zeros = 0;
  EXPECT_EQ(compare_layers(before, zeros_apart),
            "path  layer          before  after    kept  zeros  rows  channels  parameters   left  multiply-adds   left"
            "  bytes   left  us before  us after   gain\n"
            "----------------------------------------------------------------------------------------------------------"
            "------------------------------------------\n"
            "0     Conv2d          8x8x8  6x8x8   75.0%   0.0%  0.0%      0.0%         114  79.2%          6,912  75.0%"
            "    156  27.1%      12.50      5.00  2.50x\n"
            "1     BatchNorm2d     8x8x8      -                                              0.0%                      "
            "          0.0%\n"
            "2     ReLU            8x8x8  6x8x8   75.0%\n"
            "3     GlobalAvgPool   8x1x1  6x1x1   75.0%                                                                "
            "                     0.25      0.25  1.00x\n"
            "4     Linear          4x1x1  4x1x1  100.0%   0.0%  0.0%      0.0%          28  77.8%             24  75.0%"
            "     56  38.9%       1.00      0.50  2.00x\n"
            "----------------------------------------------------------------------------------------------------------"
            "------------------------------------------\n"
            "      total                                  0.0%  0.0%      0.0%         142  72.4%          6,936  75.0%"
            "    212  25.0%      13.75      5.75  2.39x\n");
}

}  // namespace
}  // namespace attar::layers_test
