// SPDX-License-Identifier: MIT
#include <memory>

#include <gtest/gtest.h>

#include "../kernels/kernel_case.hpp"
#include <attar/backend/eigen/linear.hpp>

namespace attar::test::linear_test {
namespace {

template <class A>
void check(int batch) {
  const Op& op = A::program.ops.back();
  for (const bool accumulate : {false, true}) {
    expect_like_reference<float>(A::program, op,
                                 std::make_unique<detail::EigenLinear<float>>(OperationContext{op, A::program, batch}),
                                 {.batch = batch, .integers = true, .accumulate = accumulate});
  }
}

TEST(EigenLinear, IsExactOnIntegers) {
  check<Sequential<Input<64, 1, 1>, Linear<10>>>(7);
  check<Sequential<Input<17, 1, 1>, Linear<33, NoBias>>>(3);
  check<Sequential<Input<5, 1, 1>, Linear<1>>>(1);
}

}  // namespace
}  // namespace attar::test::linear_test
