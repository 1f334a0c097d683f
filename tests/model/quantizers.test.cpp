// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include <attar/model/quantization_aware.hpp>
#include <attar/model/quantizers.hpp>

namespace attar::detail::quantizers_test {
namespace {

using Net = Sequential<Input<1, 4, 4>, Conv2d<2>, ReLU, MaxPool2d<2>, Flatten, Linear<1>>;

std::vector<float> numbers(std::span<const float> span) {
  return {span.begin(), span.end()};
}

TEST(Quantizers, RoundAndClipWeights) {
  Network<QuantizationAware<Net, Int8<WeightBits<4>>, LearnedStep>> network;
  network.tensor("0.weight")[0] = 0.75F;
  network.tensor("0.weight")[1] = -90;
  network.tensor("0.weight_limit")[0] = 3.5F;  // A step of 1/2: 1.5 is rounded to 2.
  network.tensor("0.weight_limit")[1] = 70;
  Quantizers quantizers{network.program};
  quantizers.update(network.buffer());
  EXPECT_EQ(numbers(quantizers.weight_steps(0)), (std::vector<float>{0.5F, 10}));
  EXPECT_EQ(numbers(quantizers.weight(0)), (std::vector<float>{2, -7}));
  EXPECT_EQ(quantizers.model().weight_scale(0, 1), 10.0F);
  const std::span<const std::int8_t> bytes = quantizers.model().weight(0);
  EXPECT_EQ((std::vector<int>{bytes[0], bytes[1]}), (std::vector<int>{2, -7}));
}

TEST(Quantizers, FollowTheLargestWeight) {
  Network<QuantizationAware<Net, Int8<>, StraightThrough>> network;
  network.tensor("0.weight")[0] = -254;  // The other channel is dead.
  Quantizers quantizers{network.program};
  quantizers.update(network.buffer());
  EXPECT_EQ(numbers(network.tensor("0.weight_limit")), (std::vector<float>{254, 127}));
  EXPECT_EQ(numbers(quantizers.weight_steps(0)), (std::vector<float>{2, 1}));
  EXPECT_EQ(numbers(quantizers.weight(0)), (std::vector<float>{-127, 0}));
}

TEST(Quantizers, LimitsAreNeverNegative) {
  Network<QuantizationAware<Net, Int8<>, LearnedStep>> network;
  network.tensor("0.weight_limit")[0] = -3;
  network.tensor("activation_limit")[0] = -3;
  Quantizers quantizers{network.program};
  quantizers.update(network.buffer());
  EXPECT_EQ(network.tensor("0.weight_limit")[0], 0.0F);
  EXPECT_EQ(network.tensor("activation_limit")[0], 0.0F);
  EXPECT_GT(quantizers.weight_steps(0)[0], 0.0F);
  EXPECT_NO_THROW(quantizers.model().validate());
}

TEST(Quantizers, PoolingsAndFlatteningsHaveThatOfTheirOperand) {
  Network<QuantizationAware<Net, Int8<>, LearnedStep>> network;
  network.tensor("activation_limit")[2] = 510;  // The ReLU.
  network.tensor("activation_signed")[2] = 0;
  Quantizers quantizers{network.program};
  quantizers.update(network.buffer());
  for (const int value : {2, 3, 4}) {
    EXPECT_EQ(quantizers.source(value), 2);
    EXPECT_EQ(quantizers.scales()[static_cast<std::size_t>(value)], 2.0F);
    EXPECT_EQ(quantizers.signed_values()[static_cast<std::size_t>(value)], 0);
  }
}

/// Values 1, of a convolution, and 4, of a sum, can be negative.
using Summed = Sequential<Input<1, 4, 4>, Conv2d<2>, Residual<HardSwish>, ReLU, MaxPool2d<2>, Flatten, Linear<1>>;
using Affine = QuantizationAware<Net, Int8<Asymmetric>, LearnedStep>;
using AffineSum = QuantizationAware<Summed, Int8<Asymmetric>, LearnedStep>;

TEST(Quantizers, HaveZeroPointsWithinTheRange) {
  Network<AffineSum> network;
  for (float& limit : network.tensor("activation_limit")) limit = 510;
  const std::span<float> offsets = network.tensor("activation_offset");
  offsets[0] = -100.9F;
  offsets[1] = -700;
  offsets[2] = 3;
  Quantizers quantizers{network.program};
  quantizers.update(network.buffer());
  EXPECT_TRUE(quantizers.has_zero_points());
  EXPECT_EQ(quantizers.scales()[0], 2.0F);
  EXPECT_EQ(quantizers.zero_point(0), 50);
  EXPECT_EQ(quantizers.zero_point(1), 255);
  EXPECT_EQ(quantizers.zero_point(2), 0);
  EXPECT_EQ(numbers(offsets.first(3)), (std::vector<float>{-100.9F, -510, 0})) << "as near as may be";
  for (const std::uint8_t flag : quantizers.signed_values()) EXPECT_EQ(flag, 0);
  EXPECT_EQ(quantizers.model().zero_point(0), 50);
  EXPECT_NO_THROW(quantizers.model().validate());
}

TEST(Quantizers, HaveNoZeroPointWhereNothingIsNegative) {
  Network<Affine> network;
  for (float& limit : network.tensor("activation_limit")) limit = 255;
  for (float& offset : network.tensor("activation_offset")) offset = -20;
  Quantizers quantizers{network.program};
  quantizers.update(network.buffer());
  EXPECT_TRUE(quantizers.has_offset(0));
  for (const int value : {2, 3, 4}) {  // The ReLU, and what is pooled and flattened of it.
    EXPECT_FALSE(quantizers.has_offset(value));
    EXPECT_EQ(quantizers.zero_point(value), 0);
  }
  EXPECT_EQ(network.tensor("activation_offset")[2], 0.0F);
  EXPECT_EQ(quantizers.zero_point(0), 20);
}

TEST(Quantizers, OffsetsThatAreNoNumbersAreFound) {
  Network<Affine> network;
  for (float& limit : network.tensor("activation_limit")) limit = 255;
  network.tensor("activation_offset")[0] = std::numeric_limits<float>::quiet_NaN();
  Quantizers quantizers{network.program};
  quantizers.update(network.buffer());
  EXPECT_TRUE(std::isnan(quantizers.scales()[0]));
}

TEST(Quantizers, WithoutZeroPointsThereIsNoOffset) {
  Network<QuantizationAware<Net, Int8<>, LearnedStep>> network;
  Quantizers quantizers{network.program};
  quantizers.update(network.buffer());
  EXPECT_FALSE(quantizers.has_zero_points());
  EXPECT_FALSE(quantizers.has_offset(0));
  EXPECT_EQ(quantizers.zero_point(0), 0);
  EXPECT_TRUE(quantizers.zero_points().empty());
}

TEST(Quantizers, KnowWhereNumbersAreNone) {
  Network<QuantizationAware<Net, Int8<>, LearnedStep>> network;
  Quantizers quantizers{network.program};
  quantizers.update(network.buffer());
  EXPECT_TRUE(quantizers.finite());
  network.tensor("0.weight")[1] = std::numeric_limits<float>::quiet_NaN();
  quantizers.update(network.buffer());
  EXPECT_FALSE(quantizers.finite());
}

}  // namespace
}  // namespace attar::detail::quantizers_test
