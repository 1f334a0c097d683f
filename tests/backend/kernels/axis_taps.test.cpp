// SPDX-License-Identifier: MIT
#include <array>
#include <cstddef>
#include <set>
#include <tuple>

#include <gtest/gtest.h>

#include <attar/backend/kernels/axis_taps.hpp>

namespace attar::detail::axis_taps_test {
namespace {

TEST(AxisTaps, LeavesOutThePadding) {
  const AxisTaps taps = AxisTaps::of_outputs(4, 2, 3, 2, 1, 1);
  ASSERT_EQ(taps[0].size(), 2U);
  EXPECT_EQ(taps[0][0].position, 0);
  EXPECT_EQ(taps[0][0].tap, 1);
  ASSERT_EQ(taps[1].size(), 3U);
  EXPECT_EQ(taps[1][0].position, 1);
  EXPECT_EQ(taps[1][2].position, 3);
}

TEST(AxisTaps, BothSidesSeeTheSameMeetings) {
  for (const int stride : {1, 2, 3}) {
    for (const int dilation : {1, 2}) {
      const int in = 11;
      const int kernel = 3;
      const int padding = 1;
      const int out = (in + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1;
      std::set<std::tuple<int, int, int>> from_outputs;
      std::set<std::tuple<int, int, int>> from_inputs;
      const AxisTaps outputs = AxisTaps::of_outputs(in, out, kernel, stride, padding, dilation);
      const AxisTaps inputs = AxisTaps::of_inputs(in, out, kernel, stride, padding, dilation);
      for (int o = 0; o < out; ++o) {
        for (const auto t : outputs[static_cast<std::size_t>(o)]) from_outputs.insert({t.position, o, t.tap});
      }
      for (int i = 0; i < in; ++i) {
        for (const auto t : inputs[static_cast<std::size_t>(i)]) from_inputs.insert({i, t.position, t.tap});
      }
      EXPECT_EQ(from_outputs, from_inputs);
      EXPECT_FALSE(from_inputs.empty());
    }
  }
}

}  // namespace
}  // namespace attar::detail::axis_taps_test
