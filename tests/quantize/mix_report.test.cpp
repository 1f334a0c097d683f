// SPDX-License-Identifier: MIT
#include <cmath>

#include <gtest/gtest.h>

#include <attar/quantize/mix_report.hpp>

namespace attar::mix_report_test {
namespace {

TEST(MixReport, HasNamesOfReasons) {
  EXPECT_EQ(name_of(MixReason::accurate), "accurate");
  EXPECT_EQ(name_of(MixReason::asked), "asked");
  EXPECT_EQ(name_of(MixReason::sensitive), "sensitive");
  EXPECT_EQ(name_of(MixReason::fastest), "fastest");
  EXPECT_EQ(name_of(MixReason::neighbours), "neighbours");
}

TEST(MixReport, SaysNothingOfWhatWasNotMeasured) {
  EXPECT_TRUE(std::isnan(MixReport{}.all_int8.us));
  EXPECT_TRUE(std::isnan(MixedLayer{}.int8_us));
}

}  // namespace
}  // namespace attar::mix_report_test
