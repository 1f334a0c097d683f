// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "kernel_case.hpp"
#include <attar/backend/kernels/concat.hpp>

namespace attar::test::concat_test {
namespace {

TEST(ConcatKernel, IsExact) {
  check_kernel_exactly<Sequential<Input<16, 4, 3>, Concat<Identity, Identity>>>();
  check_kernel_exactly<Sequential<Input<5, 4, 3>, Concat<Identity, Conv2d<3>, Conv2d<17>, ReLU>>>();
  check_kernel_exactly<Sequential<Input<7, 4, 3>, Concat<Identity>>>(1);
}

}  // namespace
}  // namespace attar::test::concat_test
