// SPDX-License-Identifier: MIT
#include <limits>

#include <gtest/gtest.h>

#include <attar/report/mix.hpp>

namespace attar::mix_test {
namespace {

TEST(MixTable, SaysWhyEachLayerIsWhatItIs) {
  MixReport report;
  report.layers = {{"0", "Conv2d", LayerPrecision::fp32, MixReason::asked, 41.26, 3, 2.5},
                   {"3.main.0", "Conv2d", LayerPrecision::int8, MixReason::fastest, 30, 12.25, 20},
                   {"9", "Linear", LayerPrecision::fp32, MixReason::sensitive, 9.5}};
  report.all_float = {93.5, 40};
  report.all_int8 = {90.25, 28};
  report.mixed.accuracy = 93.25;
  EXPECT_EQ(to_text(report),
            "path      layer   precision  why        SQNR dB  int8 us  fp32 us\n"
            "-----------------------------------------------------------------\n"
            "0         Conv2d  fp32       asked         41.3      3.0      2.5\n"
            "3.main.0  Conv2d  int8       fastest       30.0     12.2     20.0\n"
            "9         Linear  fp32       sensitive      9.5\n"
            "all fp32: 93.50% 40.0 us\n"
            "all int8: 90.25% 28.0 us\n"
            "mixed: 93.25%\n");
}

TEST(MixTable, ShowsWhatLayersCost) {
  const Int8Sensitivity sensitivity{
      92, {{0, "0", 40.04, 35.5, 91.5}, {3, "3", std::numeric_limits<double>::infinity(), 20}}};
  EXPECT_EQ(to_text(sensitivity),
            "path  SQNR dB  logits dB  points lost\n"
            "-------------------------------------\n"
            "0        40.0       35.5         0.50\n"
            "3         inf       20.0\n");
}

}  // namespace
}  // namespace attar::mix_test
