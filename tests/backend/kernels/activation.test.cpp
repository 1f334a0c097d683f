// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "kernel_case.hpp"
#include <attar/backend/kernels/activation.hpp>

namespace attar::test::activation_test {
namespace {

template <class Storage>
void check(Tolerance tolerance) {
  using Odd = Sequential<Input<5, 3, 7>, HardSwish>;
  using Large = Sequential<Input<16, 24, 24>, HardSwish>;
  for (const Activation function :
       {Activation::none, Activation::relu, Activation::relu6, Activation::hard_swish, Activation::hard_sigmoid}) {
    for (const bool accumulate : {false, true}) {
      Op op = Odd::program.ops[0];
      op.activation = function;
      check_kernel<Odd, Storage>({.accumulate = accumulate, .mean = 1, .tolerance = tolerance}, op);
      op = Large::program.ops[0];
      op.activation = function;
      check_kernel<Large, Storage>({.accumulate = accumulate, .tolerance = tolerance}, op);
    }
  }
}

TEST(ActivationKernel, AgreesWithTheReference) {
  check<float>({1e-6, 1e-6});
  check<bf16>(bf16_tolerance);
}

}  // namespace
}  // namespace attar::test::activation_test
