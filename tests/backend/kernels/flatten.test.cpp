// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "kernel_case.hpp"
#include <attar/backend/kernels/flatten.hpp>

namespace attar::test::flatten_test {
namespace {

TEST(FlattenKernel, IsExact) {
  check_kernel_exactly<Sequential<Input<5, 3, 4>, Flatten>>();
  check_kernel_exactly<Sequential<Input<16, 4, 4>, Flatten>>(1);
}

}  // namespace
}  // namespace attar::test::flatten_test
