// SPDX-License-Identifier: MIT
#include <concepts>
#include <limits>
#include <string_view>

#include <gtest/gtest.h>

#include <attar/model/quantization_aware.hpp>

namespace attar::quantization_aware_test {
namespace {

using Net = Sequential<Input<1, 8, 8>, Conv2d<8, Kernel<3>>, BatchNorm2d, ReLU, GlobalAvgPool, Linear<4>>;
using Learned = quantization_aware_t<Net, Int8<>, LearnedStep>;
using Followed = quantization_aware_t<Net, Int8<PerTensor, WeightBits<4>>, StraightThrough>;

static_assert(Architecture<Learned>);
static_assert(std::same_as<quantization_aware_t<fold_batch_norm_t<Net>, Int8<>, LearnedStep>, Learned>);
static_assert(Learned::Folded::program.simulation == nullptr);

template <class A>
const Parameter& parameter(std::string_view name) {
  return A::program.parameter(detail::find_parameter(A::program, name));
}

TEST(QuantizationAware, HasTheParametersOfTheFoldedNetworkAndTheLimits) {
  EXPECT_EQ(Learned::program.parameters.size(), Learned::Folded::program.parameters.size() + 4);
  EXPECT_EQ(parameter<Learned>("0.weight").size, 72U);
  EXPECT_EQ(parameter<Learned>("0.weight_limit").size, 8U);
  EXPECT_EQ(parameter<Followed>("0.weight_limit").size, 1U);
  EXPECT_EQ(parameter<Learned>("activation_limit").size, Learned::program.values.size());
}

TEST(QuantizationAware, OptimizersChangeOnlyLimitsThatAreLearned) {
  EXPECT_EQ(parameter<Learned>("0.weight_limit").role, Role::limit);
  EXPECT_EQ(parameter<Followed>("0.weight_limit").role, Role::fixed_limit);
  for (const Parameter& each : Learned::program.parameters) {
    EXPECT_EQ(each.offset < Learned::program.trainable_size, trainable(each.role)) << each.name.view();
  }
}

TEST(QuantizationAware, EveryRuleHasAFingerprintOfItsOwn) {
  using Clipped = quantization_aware_t<Net, Int8<>, Pact>;
  EXPECT_NE(Learned::program.fingerprint, Learned::Folded::program.fingerprint);
  EXPECT_NE(Learned::program.fingerprint, Followed::program.fingerprint);
  EXPECT_NE(Learned::program.fingerprint, Clipped::program.fingerprint);
}

TEST(QuantizationAware, HasOffsetsInsteadOfSignsWithZeroPoints) {
  using Affine = quantization_aware_t<Net, Int8<Asymmetric>, LearnedStep>;
  using Kept = quantization_aware_t<Net, Int8<Asymmetric>, StraightThrough>;
  EXPECT_EQ(Affine::program.parameters.size(), Learned::program.parameters.size());
  EXPECT_EQ(parameter<Affine>("activation_offset").size, Affine::program.values.size());
  EXPECT_EQ(parameter<Affine>("activation_offset").role, Role::limit);
  EXPECT_EQ(parameter<Kept>("activation_offset").role, Role::fixed_limit);
  EXPECT_EQ(detail::find_parameter(Affine::program, "activation_signed"), -1);
  EXPECT_EQ(detail::find_parameter(Learned::program, "activation_offset"), -1);
  EXPECT_NE(Affine::program.fingerprint, Learned::program.fingerprint);
}

TEST(QuantizationAware, SimulatesZeroPoints) {
  Network<quantization_aware_t<Net, Int8<Asymmetric>, LearnedStep>> network{Seed{1}};
  network.tensor("activation_limit")[0] = 25.5F;
  network.tensor("activation_offset")[0] = -3;
  auto int8 = simulated(network);
  EXPECT_FLOAT_EQ(int8.activation_scales()[0], 0.1F);
  EXPECT_EQ(int8.zero_points()[0], 30);
  EXPECT_EQ(int8.signed_values()[0], 0);
}

TEST(QuantizationAware, SimulatesAnInt8Network) {
  Network<Learned> network{Seed{1}};
  network.tensor("4.bias")[2] = 0.5F;
  auto int8 = simulated(network);
  EXPECT_EQ(int8.numbers(detail::find_parameter(int8.program, "4.bias"))[2], 0.5F);
  const int weight = detail::find_parameter(int8.program, "0.weight");
  const float scale = int8.weight_scales(weight)[0];
  EXPECT_FLOAT_EQ(scale, 1.0F / 127);
  EXPECT_NEAR(static_cast<float>(int8.weight(weight)[3]) * scale, network.tensor("0.weight")[3], 0.51F / 127);
}

TEST(QuantizationAware, RefusesToSimulateWhatIsNoNumber) {
  Network<Learned> network{Seed{1}};
  network.tensor("activation_limit")[1] = std::numeric_limits<float>::infinity();
  try {
    (void)simulated(network);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::not_finite);
    EXPECT_NE(std::string_view{error.what()}.find("activation_limit"), std::string_view::npos);
  }
}

}  // namespace
}  // namespace attar::quantization_aware_test
