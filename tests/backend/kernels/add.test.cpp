// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "kernel_case.hpp"
#include <attar/backend/kernels/add.hpp>

namespace attar::test::add_test {
namespace {

using Sum = Sequential<Input<5, 3, 7>, Residual<ReLU>>;

TEST(AddKernel, IsExactOnIntegersInAllForms) {
  for (const Activation function : {Activation::none, Activation::relu, Activation::relu6}) {
    for (const bool two_parts : {false, true}) {
      for (const bool accumulate : {false, true}) {
        Op op = Sum::program.ops.back();
        op.activation = function;
        const KernelOptions options{.integers = true, .two_parts = two_parts, .accumulate = accumulate};
        check_kernel<Sum, float>(options, op);
        check_kernel<Sum, bf16>(options, op);
      }
    }
  }
}

}  // namespace
}  // namespace attar::test::add_test
