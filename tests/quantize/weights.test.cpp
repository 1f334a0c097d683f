// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "../golden/quantization.hpp"
#include <attar/core/rng.hpp>
#include <attar/quantize/weights.hpp>

namespace attar::weights_test {
namespace {

std::vector<int> integers(const std::vector<std::int8_t>& bytes) {
  return {bytes.begin(), bytes.end()};
}

TEST(QuantizeWeights, AgreesWithPyTorch) {
  for (const golden::QuantizedWeights& expected : golden::quantized_weights) {
    std::vector<std::int8_t> bytes(expected.weights.size());
    std::vector<float> scales(expected.channels);
    quantize_weights(expected.weights, expected.limit, bytes, scales, "weight");
    for (std::size_t i = 0; i < scales.size(); ++i) EXPECT_FLOAT_EQ(scales[i], expected.channel_scales[i]);
    EXPECT_EQ(integers(bytes), expected.by_channel);
    std::vector<float> scale(1);
    quantize_weights(expected.weights, expected.limit, bytes, scale, "weight");
    EXPECT_FLOAT_EQ(scale[0], expected.tensor_scale[0]);
    EXPECT_EQ(integers(bytes), expected.by_tensor);
  }
}

TEST(QuantizeWeights, ErrsByHalfAStepAtMost) {
  Rng rng{Seed{1}};
  std::vector<float> weights(16 * 27);
  for (float& weight : weights) weight = rng.normal();
  std::vector<std::int8_t> bytes(weights.size());
  std::vector<float> scales(16);
  quantize_weights(weights, 127, bytes, scales, "weight");
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const float scale = scales[i / 27];
    EXPECT_NEAR(static_cast<float>(bytes[i]) * scale, weights[i], 0.50001F * scale);
    EXPECT_GE(bytes[i], -127);
  }
}

TEST(QuantizeWeights, KeepsDeadAndTinyChannelsFinite) {
  const std::vector<float> weights{0, 0, 1e-38F, -1e-39F, 3, -3};
  std::vector<std::int8_t> bytes(6);
  std::vector<float> scales(3);
  quantize_weights(weights, 127, bytes, scales, "weight");
  EXPECT_EQ(scales[0], 1.0F);
  for (const float scale : scales) {
    EXPECT_GT(scale, 0);
    EXPECT_TRUE(std::isfinite(1 / scale));
  }
  EXPECT_EQ(integers(bytes), (std::vector<int>{0, 0, 0, 0, 127, -127}));
}

double squared_error(const std::vector<float>& weights, const std::vector<std::int8_t>& bytes, float scale) {
  double error = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) error += std::pow(weights[i] - bytes[i] * scale, 2);
  return error;
}

TEST(QuantizeWeights, WithFewBitsHasTheLeastSquaredError) {
  Rng rng{Seed{2}};
  for (const std::size_t count : {1U, 2U, 9U, 27U, 576U}) {
    for (const int limit : {1, 7}) {
      std::vector<float> weights(count);
      for (float& weight : weights) weight = rng.normal();
      std::vector<std::int8_t> bytes(count);
      std::vector<float> scale(1);
      quantize_weights(weights, limit, bytes, scale, "weight");
      const double found = squared_error(weights, bytes, scale[0]);
      // Every scale there is, in steps of a thousandth of the largest.
      double least = 1e9;
      for (float other = 0.001F; other < 5; other += 0.001F) {
        std::vector<std::int8_t> rounded(count);
        for (std::size_t i = 0; i < count; ++i) {
          const auto most = static_cast<float>(limit);
          rounded[i] = static_cast<std::int8_t>(std::clamp(std::nearbyint(weights[i] / other), -most, most));
        }
        least = std::min(least, squared_error(weights, rounded, other));
      }
      EXPECT_LE(found, 1.002 * least + 1e-6) << count << " weights, limit " << limit;
      for (const std::int8_t byte : bytes) EXPECT_LE(std::abs(byte), limit);
    }
  }
}

TEST(QuantizeWeights, OfTwoBitsAreTheBestTernaryOnes) {
  // The best ternary weights are the signs of the k largest, times their mean: k = 3, of error 1 + 0.01 + 2 * 0.25.
  const std::vector<float> weights{-4, 0.5F, 3, 0.1F, 3.5F, -0.5F};
  std::vector<std::int8_t> bytes(6);
  std::vector<float> scale(1);
  quantize_weights(weights, 1, bytes, scale, "weight");
  EXPECT_EQ(integers(bytes), (std::vector<int>{-1, 0, 1, 0, 1, 0}));
  EXPECT_FLOAT_EQ(scale[0], 3.5F);
}

TEST(QuantizeWeights, WithFewBitsKeepsDeadAndTinyChannelsFinite) {
  const std::vector<float> weights{0, 0, 1e-38F, -1e-39F, 3, -3};
  std::vector<std::int8_t> bytes(6);
  std::vector<float> scales(3);
  quantize_weights(weights, 7, bytes, scales, "weight");
  EXPECT_EQ(scales[0], 1.0F);
  for (const float scale : scales) EXPECT_TRUE(scale > 0 && std::isfinite(1 / scale));
  EXPECT_EQ(integers(bytes), (std::vector<int>{0, 0, 0, 0, 7, -7}));
}

TEST(QuantizeWeights, RefusesWhatIsNotFinite) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    const std::vector<float> weights{1, bad};
    std::vector<std::int8_t> bytes(2);
    std::vector<float> scales(1);
    try {
      quantize_weights(weights, 127, bytes, scales, "3.weight");
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::not_finite);
      EXPECT_EQ(error.subject(), "3.weight");
    }
  }
}

}  // namespace
}  // namespace attar::weights_test
