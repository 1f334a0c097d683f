// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/backend/kernels/kernel_kind.hpp>

namespace attar::test::kernel_kind_test {
namespace {

TEST(WithKernelKind, CallsWithTheKindAsAConstant) {
  int calls = 0;
  detail::with_kernel_kind(OpKind::add, [&](auto kind) {
    ++calls;
    EXPECT_EQ(kind(), OpKind::add);
  });
  EXPECT_EQ(calls, 1);
}

TEST(WithKernelKind, LeavesProductsToTheirSteps) {
  for (const OpKind kind : {OpKind::conv2d, OpKind::linear, OpKind::dropout}) {
    detail::with_kernel_kind(kind, [](auto) { FAIL(); });
  }
}

}  // namespace
}  // namespace attar::test::kernel_kind_test
