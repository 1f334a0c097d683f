// SPDX-License-Identifier: MIT
#include <array>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "../../support/gradient_check.hpp"
#include <attar/backend/reference/infer.hpp>
#include <attar/core/dtype.hpp>
#include <attar/model/sequential.hpp>

namespace attar::test::infer_test {
namespace {

TEST(ReferenceInfer, AddsTheResidualAndThenActivates) {
  using Net = Sequential<Input<2, 1, 1>, Linear<2, NoBias>>;
  Op op = Net::program.ops[0];
  op.residual = 0;
  Numbers parameters(Net::program.buffer_size);
  parameters[0] = 2;   // y0 = 2 x0
  parameters[3] = -1;  // y1 = -x1
  const Numbers input{1, 3};
  const Numbers residual{-3, 10};
  Numbers output(2);
  const auto infer = [&](Activation activation) {
    op.activation = activation;
    reference_infer(OperationContext{op, Net::program, 1}, {input.data()}, residual.data(), parameters.data(),
                    output.data());
    return output;
  };
  EXPECT_EQ(infer(Activation::none), (Numbers{-1, 7}));
  EXPECT_EQ(infer(Activation::relu), (Numbers{0, 7}));
  EXPECT_EQ(infer(Activation::relu6), (Numbers{0, 6}));
  EXPECT_EQ(infer(Activation::hard_swish), (Numbers{-1.0 / 3, 7}));
  EXPECT_EQ(infer(Activation::hard_sigmoid), (Numbers{1.0 / 3, 1}));
}

TEST(ReferenceInfer, DropoutDoesNothingAndNormsUseTheRunningStatistics) {
  using Drop = Sequential<Input<2, 1, 1>, Dropout<Rate<1, 2>>>;
  const Numbers input{1, 3};
  Numbers output(2);
  reference_infer(OperationContext{Drop::program.ops[0], Drop::program, 1}, {input.data()},
                  static_cast<const double*>(nullptr), static_cast<const double*>(nullptr), output.data());
  EXPECT_EQ(output, input);

  using Norm = Sequential<Input<1, 1, 2>, BatchNorm2dWith<Epsilon<1, 4>, Momentum<1, 10>>>;
  Numbers parameters(Norm::program.buffer_size);
  const auto set = [&](std::size_t index, double value) { parameters[Norm::program.parameters[index].offset] = value; };
  set(0, 3);     // scale
  set(1, 10);    // shift
  set(2, 1);     // mean
  set(3, 0.75);  // variance
  const Numbers before = parameters;
  reference_infer(OperationContext{Norm::program.ops[0], Norm::program, 1}, {input.data()},
                  static_cast<const double*>(nullptr), static_cast<const double*>(parameters.data()), output.data());
  EXPECT_EQ(output, (Numbers{10, 16}));
  EXPECT_EQ(parameters, before);
}

TEST(ReferenceInfer, RoundsToTheStorageOnlyOnce) {
  // 1 + 2^-9 + 2^-9 in bf16: rounding after the first sum would lose both.
  using Net = Sequential<Input<1, 1, 1>, Linear<1>>;
  Op op = Net::program.ops[0];
  op.residual = 0;
  std::vector<float> parameters(Net::program.buffer_size);
  parameters[Net::program.parameters[0].offset] = 1;
  parameters[Net::program.parameters[1].offset] = 1;
  const std::vector<bf16> small{bf16{std::ldexp(1.0F, -8)}};
  std::vector<bf16> output(1);
  reference_infer(OperationContext{op, Net::program, 1}, {small.data()}, small.data(),
                  static_cast<const float*>(parameters.data()), output.data());
  EXPECT_EQ(static_cast<float>(output[0]), 1 + std::ldexp(1.0F, -7));
}

}  // namespace
}  // namespace attar::test::infer_test
