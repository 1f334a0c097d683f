// SPDX-License-Identifier: MIT
#include <cstddef>
#include <span>

#include <gtest/gtest.h>

#include "../golden/quantization.hpp"
#include <attar/quantize/min_max.hpp>

namespace attar::min_max_test {
namespace {

float scale_of(const golden::ObservedActivations& observed, int levels) {
  ValueStatistics statistics;
  for (std::size_t i = 0; i < observed.numbers.size(); i += 5)
    statistics.add(std::span{observed.numbers}.subspan(i, 5));
  return MinMax::limit(statistics, levels) / static_cast<float>(levels);
}

TEST(MinMax, AgreesWithPyTorch) {
  EXPECT_FLOAT_EQ(scale_of(golden::observed_relu, 255), golden::observed_relu.scale[0]);
  EXPECT_FLOAT_EQ(scale_of(golden::observed_signed, 127), golden::observed_signed.scale[0]);
}

}  // namespace
}  // namespace attar::min_max_test
