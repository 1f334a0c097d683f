// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "kernel_case.hpp"
#include <attar/backend/kernels/dropout.hpp>

namespace attar::test::dropout_test {
namespace {

TEST(DropoutKernel, DropsWhatTheReferenceDrops) {
  check_kernel_exactly<Sequential<Input<5, 3, 4>, Dropout<Rate<1, 2>>>>();
  check_kernel<Sequential<Input<40, 1, 1>, Dropout<Rate<1, 5>>>>({.tolerance = {1e-6, 1e-6}});
  check_kernel<Sequential<Input<40, 1, 1>, Dropout<Rate<1, 5>>>, bf16>({.tolerance = bf16_tolerance});
}

}  // namespace
}  // namespace attar::test::dropout_test
