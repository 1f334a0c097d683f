// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "../golden/quantization.hpp"
#include <attar/core/rng.hpp>
#include <attar/quantize/weights.hpp>

namespace attar {
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
}  // namespace attar
