// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "kernel_case.hpp"
#include <attar/backend/kernels/scale.hpp>

namespace attar::test::scale_test {
namespace {

TEST(ScaleKernel, IsExactOnIntegers) {
  check_kernel_exactly<Sequential<Input<16, 4, 3>, SqueezeExcite<4>>>();
  check_kernel_exactly<Sequential<Input<21, 3, 3>, SqueezeExcite<4>>>(1);
}

}  // namespace
}  // namespace attar::test::scale_test
