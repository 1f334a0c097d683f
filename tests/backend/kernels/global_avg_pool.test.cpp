// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "kernel_case.hpp"
#include <attar/backend/kernels/global_avg_pool.hpp>

namespace attar::test::global_avg_pool_test {
namespace {

TEST(GlobalAvgPoolKernel, IsExactWhereTheSizeIsAPowerOfTwo) {
  check_kernel_exactly<Sequential<Input<64, 2, 4>, GlobalAvgPool>>();
  check_kernel_exactly<Sequential<Input<17, 1, 1>, GlobalAvgPool>>(1);
}

TEST(GlobalAvgPoolKernel, AgreesWithTheReference) {
  check_kernel<Sequential<Input<20, 7, 5>, GlobalAvgPool>>({.tolerance = {1e-6, 1e-6}});
  check_kernel<Sequential<Input<3, 7, 7>, GlobalAvgPool>, bf16>({.tolerance = bf16_tolerance});
}

}  // namespace
}  // namespace attar::test::global_avg_pool_test
