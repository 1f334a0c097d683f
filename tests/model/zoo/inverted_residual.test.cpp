// SPDX-License-Identifier: MIT
#include <algorithm>

#include <gtest/gtest.h>

#include <attar/model/zoo/inverted_residual.hpp>

namespace attar::zoo::detail::inverted_residual_test {
namespace {

TEST(InvertedResiduals, OnlyTheFirstHasNoShortcut) {
  using Net = Sequential<Input<16, 8, 8>, InvertedResiduals<3, 16, 6, 24, Kernel<5>, Stride<2>>>;
  static_assert(Net::output_shape == Shape{24, 4, 4});
  const auto is_sum = [](const Op& op) { return op.kind == OpKind::add; };
  EXPECT_EQ(std::ranges::count_if(Net::program.ops, is_sum), 2);
  EXPECT_EQ(Net::program.parameter(0).dims[0], 6 * 16);
}

}  // namespace
}  // namespace attar::zoo::detail::inverted_residual_test
