// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "kernel_case.hpp"
#include <attar/backend/kernels/avg_pool.hpp>

namespace attar::test::avg_pool_test {
namespace {

TEST(AvgPoolKernel, IsExactWhereTheWindowIsAPowerOfTwo) {
  check_kernel_exactly<Sequential<Input<16, 8, 8>, AvgPool2d<2>>>();
  check_kernel_exactly<Sequential<Input<17, 7, 9>, AvgPool2d<2>>>();
  check_kernel_exactly<Sequential<Input<4, 8, 8>, AvgPool2d<4, Stride<2>, Padding<2>>>>(1);
}

TEST(AvgPoolKernel, AgreesWithTheReference) {
  check_kernel<Sequential<Input<20, 9, 5>, AvgPool2d<3, Stride<2>, Padding<1>>>>({.tolerance = {1e-6, 1e-6}});
  check_kernel<Sequential<Input<3, 9, 5>, AvgPool2d<3, Stride<1>>>, bf16>({.tolerance = bf16_tolerance});
}

}  // namespace
}  // namespace attar::test::avg_pool_test
