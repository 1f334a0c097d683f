// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/int8_preparer.hpp>
#include <attar/model/quantized_network.hpp>
#include <attar/model/sequential.hpp>

namespace attar::detail::int8_preparer_test {
namespace {

using Net = Sequential<Input<2, 4, 4>, Conv2d<2, Bias>, ReLU6, BatchNorm2d, HardSwish, GlobalAvgPool, Linear<3>>;
using Int8Net = QuantizedNetwork<Net>;

Int8Op prepared(const Int8Net& network, std::size_t index) {
  const FusedProgram fused = fuse(Net::program, FuseFor::inference);
  const Int8Model model = network.model();
  return Int8Preparer{model, fused}.prepare(fused.ops.at(index));
}

Int8Net example() {
  Int8Net network;
  for (std::size_t value = 0; value < Net::program.values.size(); ++value) {
    network.activation_scales()[value] = 0.25F / static_cast<float>(value + 1);
    network.signed_values()[value] = 1;
  }
  return network;
}

TEST(Int8Preparer, FoldsAllScalesOfAConvolutionIntoOneFactor) {
  Int8Net network = example();
  const Op conv = fuse(Net::program, FuseFor::inference).ops[0];
  network.weight_scales(conv.weight)[1] = 0.5F;
  network.numbers(conv.bias)[1] = 3;
  network.activation_scales()[static_cast<std::size_t>(conv.output)] = 0.0625F;
  network.signed_values()[static_cast<std::size_t>(conv.output)] = 0;
  const Int8Op op = prepared(network, 0);
  EXPECT_EQ(op.multiplier[1], 0.25F * 0.5F / 0.0625F);
  EXPECT_EQ(op.offset[1], 3 / 0.0625F);
  EXPECT_TRUE(op.zero_sums.empty());
  EXPECT_EQ(op.activation, Int8Activation::clip);
  EXPECT_EQ(op.limit, 6 / 0.0625F);
  EXPECT_FALSE(op.float_output);
}

TEST(Int8Preparer, LeavesClippingToSaturationWhereItIsTheSame) {
  Int8Net network = example();
  const Op conv = fuse(Net::program, FuseFor::inference).ops[0];
  network.signed_values()[static_cast<std::size_t>(conv.output)] = 0;
  network.activation_scales()[static_cast<std::size_t>(conv.output)] = 6.0F / 255;
  EXPECT_EQ(prepared(network, 0).activation, Int8Activation::none);
  network.signed_values()[static_cast<std::size_t>(conv.output)] = 1;
  EXPECT_EQ(prepared(network, 0).activation, Int8Activation::clip);
}

TEST(Int8Preparer, GivesNormsShortMultipliersAndLogitsFloats) {
  const Int8Net network = example();
  const Int8Op norm = prepared(network, 1);
  EXPECT_EQ(norm.activation, Int8Activation::hard_swish);
  EXPECT_EQ(norm.multiplier[0] * 255.0F, static_cast<float>(static_cast<double>(norm.multiplier[0]) * 255.0));
  const Int8Op head = prepared(network, 3);
  EXPECT_TRUE(head.float_output);
  EXPECT_EQ(head.multiplier.size(), 3U);
}

/// The only operation of a network with zero points, unsigned throughout.
template <class A>
Int8Op affine(const QuantizedNetwork<A, Int8<Asymmetric>>& network) {
  const FusedProgram fused = fuse(A::program, FuseFor::inference);
  const Int8Model model = network.model();
  return Int8Preparer{model, fused}.prepare(fused.ops.at(0));
}

TEST(Int8Preparer, FoldsZeroPointsIntoTheOffsetsOfAConvolution) {
  using One = Sequential<Input<2, 3, 3>, Residual<Stack<Conv2d<2, Kernel<3>, Bias>>>>;
  QuantizedNetwork<One, Int8<Asymmetric>> network;
  std::ranges::fill(network.weight(0).subspan(18), std::int8_t{2});
  network.weight_scales(0)[1] = 0.5F;
  network.numbers(1)[1] = 12;
  network.activation_scales()[0] = 0.25F;
  const Op op = fuse(One::program, FuseFor::inference).ops[0];
  network.activation_scales()[static_cast<std::size_t>(op.output)] = 2;
  network.zero_points()[0] = 10;
  network.zero_points()[static_cast<std::size_t>(op.output)] = 100;
  const Int8Op prepared = affine(network);
  EXPECT_EQ(prepared.multiplier[1], 0.0625F);
  EXPECT_EQ(prepared.residual_multiplier, 0.125F);
  // The bias, the result's zero point, what the residual's adds, and what the image's adds to the 18 products.
  EXPECT_EQ(prepared.offset[1], 6.0F + 100 - 10 * 0.125F - 10 * 18 * 2 * 0.0625F);
  EXPECT_EQ(prepared.offset[0], 100 - 10 * 0.125F);
  EXPECT_EQ(prepared.zero_sums, (std::vector<float>{0, 10 * 18 * 2}));
  EXPECT_EQ(prepared.zero_points[0], 10);
  EXPECT_EQ(prepared.result_zero, 0);
}

TEST(Int8Preparer, AddsTheZeroPointOfTheResultBehindAHardSwish) {
  using One = Sequential<Input<2, 1, 1>, Conv2d<2>, HardSwish, GlobalAvgPool>;
  QuantizedNetwork<One, Int8<Asymmetric>> network;
  network.zero_points()[static_cast<std::size_t>(fuse(One::program, FuseFor::inference).ops[0].output)] = 30;
  const Int8Op prepared = affine(network);
  EXPECT_EQ(prepared.result_zero, 30);
  EXPECT_EQ(prepared.offset[0], 0);
}

TEST(Int8Preparer, KeepsTheMeanOfZeroPointsAtTheZeroPoint) {
  using One = Sequential<Input<2, 3, 3>, GlobalAvgPool>;
  QuantizedNetwork<One, Int8<Asymmetric>> network;
  network.activation_scales()[0] = 0.5F;
  network.activation_scales()[1] = 0.7F;
  network.zero_points()[0] = 31;
  network.zero_points()[1] = 77;
  const Int8Op prepared = affine(network);
  EXPECT_NEAR(9 * 31 * prepared.operand_multipliers[0] + prepared.offset[0], 77, 1e-4);
}

TEST(Int8Preparer, TabulatesLoneActivations) {
  using Lone = Sequential<Input<1, 1, 1>, HardSwish>;
  QuantizedNetwork<Lone> network;
  network.activation_scales()[0] = 0.05F;
  network.activation_scales()[1] = 0.04F;
  network.signed_values()[0] = network.signed_values()[1] = 1;
  const FusedProgram fused = fuse(Lone::program, FuseFor::inference);
  const Int8Model model = network.model();
  const Int8Op op = Int8Preparer{model, fused}.prepare(fused.ops[0]);
  for (int q = -128; q < 128; ++q) {
    const double x = q * double{0.05F};
    const double y = x * std::min(std::max(x + 3, 0.0), 6.0) / 6 / double{0.04F};
    EXPECT_EQ(int{op.table[static_cast<std::uint8_t>(q)]}, requantize(y, true));
  }
}

TEST(Int8Preparer, TabulatesWithZeroPoints) {
  using Lone = Sequential<Input<1, 1, 1>, HardSwish>;
  QuantizedNetwork<Lone, Int8<Asymmetric>> network;
  network.activation_scales()[0] = 0.05F;
  network.activation_scales()[1] = 0.04F;
  network.zero_points()[0] = 128;
  network.zero_points()[1] = 11;
  const Int8Op op = affine(network);
  for (int q = 0; q < 256; ++q) {
    const double x = (q - 128) * double{0.05F};
    const double y = x * std::min(std::max(x + 3, 0.0), 6.0) / 6 / double{0.04F} + 11;
    EXPECT_EQ(number_of(op.table[static_cast<std::size_t>(q)], false), requantize(y, false)) << q;
  }
}

}  // namespace
}  // namespace attar::detail::int8_preparer_test
