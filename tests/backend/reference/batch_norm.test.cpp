// SPDX-License-Identifier: MIT
#include <cmath>

#include <gtest/gtest.h>

#include "../../support/golden_layer.hpp"
#include "../../support/gradient_check.hpp"
#include <attar/backend/reference/batch_norm.hpp>
#include <attar/model/sequential.hpp>

namespace attar::test::batch_norm_test {
namespace {

using Image = Input<4, 4, 5>;

TEST(ReferenceBatchNorm, AgreesWithPyTorch) {
  check_golden<Sequential<Image, BatchNorm2d>>(golden::batch_norm);
  check_golden<Sequential<Image, BatchNorm2dWith<Epsilon<1, 8>, Momentum<1, 4>>>>(golden::batch_norm_options);
}

TEST(ReferenceBatchNorm, HasTheGradientsOfNumericalDifferentiation) {
  using Net = Sequential<Image, BatchNorm2d>;
  for (const Activation activation : {Activation::none, Activation::relu, Activation::relu6}) {
    check_last_operation<Net>(false, activation);
    check_last_operation<Net>(true, activation);
  }
  check_last_operation<Sequential<Input<5, 1, 1>, BatchNorm2d>>();
}

TEST(ReferenceBatchNorm, NormalizesToMeanZeroAndVarianceOne) {
  using Net = Sequential<Image, BatchNorm2d>;
  OperationCase one{Net::program, Net::program.ops[0], 8};
  const Parameter& scale = Net::program.parameters[0];
  const Parameter& shift = Net::program.parameters[1];
  for (std::size_t c = 0; c < 4; ++c) {
    one.parameters[scale.offset + c] = 1;
    one.parameters[shift.offset + c] = 0;
  }
  for (double& number : one.operands[0]) number = 1000 + 3 * number;
  one.forward();
  for (std::size_t c = 0; c < 4; ++c) {
    double sum = 0;
    double squares = 0;
    for (std::size_t i = c; i < one.output.size(); i += 4) {
      sum += one.output[i];
      squares += one.output[i] * one.output[i];
    }
    const auto count = static_cast<double>(one.output.size() / 4);
    EXPECT_NEAR(sum / count, 0, 1e-9);
    EXPECT_NEAR(squares / count, 1, 1e-5);
  }
}

TEST(ReferenceBatchNorm, OfOneNumberPerChannelGivesTheShift) {
  using Net = Sequential<Input<3, 1, 1>, BatchNorm2d>;
  OperationCase one{Net::program, Net::program.ops[0], 1};
  const Numbers before = one.parameters;
  one.forward();
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_EQ(one.output[c], before[Net::program.parameters[1].offset + c]);
    const std::size_t variance = Net::program.parameters[3].offset + c;
    EXPECT_DOUBLE_EQ(one.parameters[variance], 0.9 * before[variance]) << "no division by zero";
  }
}

}  // namespace
}  // namespace attar::test::batch_norm_test
