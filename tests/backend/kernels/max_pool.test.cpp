// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "kernel_case.hpp"
#include <attar/backend/kernels/max_pool.hpp>

namespace attar::test::max_pool_test {
namespace {

TEST(MaxPoolKernel, IsExactTiesIncluded) {
  check_kernel_exactly<Sequential<Input<16, 8, 8>, MaxPool2d<2>>>();
  check_kernel_exactly<Sequential<Input<17, 7, 9>, MaxPool2d<2>>>();
  check_kernel_exactly<Sequential<Input<3, 9, 9>, MaxPool2d<3, Stride<2>, Padding<1>>>>(1);
  check_kernel_exactly<Sequential<Input<20, 6, 5>, MaxPool2d<3, Stride<1>, Padding<1>>>>();
  check_kernel_exactly<Sequential<Input<4, 8, 8>, MaxPool2d<2, Stride<3, 2>, Padding<1, 0>>>>();
}

TEST(MaxPoolKernel, TakesAWindowOfTheWholeImage) {
  check_kernel_exactly<Sequential<Input<2, 20, 20>, MaxPool2d<20>>>(1);
}

TEST(MaxPoolKernel, NanWins) {
  using Net = Sequential<Input<1, 2, 2>, MaxPool2d<2>>;
  const detail::PoolGeometry geometry{OperationContext{Net::program.ops[0], Net::program, 1}};
  for (std::size_t place = 0; place < 4; ++place) {
    std::vector<float> input{1, 2, 3, 4};
    input[place] = std::numeric_limits<float>::quiet_NaN();
    float output = 0;
    detail::apply_max_pool(geometry, 1, input.data(), &output);
    EXPECT_TRUE(std::isnan(output)) << place;
    std::uint16_t position = 9;
    detail::apply_max_pool(geometry, 1, input.data(), &output, &position);
    EXPECT_TRUE(std::isnan(output)) << place;
    EXPECT_EQ(position, place);
  }
}

}  // namespace
}  // namespace attar::test::max_pool_test
