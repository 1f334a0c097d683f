// SPDX-License-Identifier: MIT
#include <cstdint>

#include <gtest/gtest.h>

#include <attar/model/quantized_constants.hpp>

namespace attar::quantized_constants_test {
namespace {

using namespace attar;

/// 1 * 2 * 1 * 1 weights and 2 * 3, all without bias.
using Net = Sequential<Input<1, 2, 2>, Conv2d<2>, GlobalAvgPool, Linear<3, NoBias>>;

inline constexpr std::uint64_t weights[] = {0x0403'02FF'807F'FE01U};
inline constexpr float scales[] = {0.5F, 0.25F, 1.0F, 2.0F, 3.0F};
inline constexpr float no_floats[] = {0.0F};
inline constexpr float activation_scales[] = {0.1F, 0.2F, 0.2F, 0.3F};
inline constexpr std::uint8_t signs[] = {1, 1, 1, 1};
inline constexpr QuantizedConstants<Net> network{weights, scales, no_floats, activation_scales, signs};

TEST(QuantizedConstants, AreAViewOfTheArrays) {
  const Int8Model model = network.model();
  EXPECT_EQ(static_cast<const void*>(model.weights.data()), static_cast<const void*>(weights));
  EXPECT_EQ(model.weight_scales.data(), scales);
  EXPECT_EQ(model.activation_scales.data(), activation_scales);
  EXPECT_EQ(model.signed_values.data(), signs);
  EXPECT_EQ(model.weights.size(), 8U);
  EXPECT_EQ(model.weight_scales.size(), 5U);
  EXPECT_TRUE(model.floats.empty());
}

TEST(QuantizedConstants, AreReadAsTheNetworkIs) {
  const Int8Model model = network.model();
  const std::int8_t expected[] = {1, -2, 127, -128, -1, 2, 3, 4};
  for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(model.weights[i], expected[i]) << i;
  EXPECT_EQ(model.weight(1)[0], 127);
  EXPECT_EQ(model.weight_scale(1, 2), 3.0F);
  EXPECT_TRUE(model.per_channel);
  EXPECT_EQ(model.places.size(), QuantizedNetwork<Net>{}.model().places.size());
}

TEST(QuantizedConstants, HaveZeroPointsWhereTheSchemeHas) {
  static constexpr std::uint8_t zero_points[] = {3, 0, 0, 9};
  static constexpr std::uint8_t no_signs[] = {0, 0, 0, 0};
  static constexpr QuantizedConstants<Net, Int8<Asymmetric>> affine{weights,           scales,   no_floats,
                                                                    activation_scales, no_signs, zero_points};
  EXPECT_EQ(affine.model().zero_points.data(), zero_points);
  EXPECT_EQ(affine.model().zero_point(3), 9);
  EXPECT_TRUE(network.model().zero_points.empty());
  static_assert(decltype(affine)::bytes == decltype(network)::bytes + 4);
}

}  // namespace
}  // namespace attar::quantized_constants_test
