// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "../support/small_networks.hpp"
#include <attar/backend/reference.hpp>
#include <attar/quantize/quantize.hpp>
#include <attar/quantize/round_weights.hpp>

namespace attar::test::round_weights_test {
namespace {

using Net = Sequential<Input<2, 6, 6>, Conv2d<8, Kernel<3>>, BatchNorm2d, ReLU, DepthwiseConv2d<Kernel<3>>, BatchNorm2d,
                       ReLU, GlobalAvgPool, Linear<4>>;

/// The weights that `quantize` gives.
template <class Scheme>
std::vector<int> integers(const Network<Net>& network) {
  auto quantized = quantize<Scheme, Reference<float>>(network, noise(3 * Net::input_shape.size(), Seed{2}));
  std::vector<int> all;
  const Program& program = decltype(quantized)::program;
  for (std::size_t i = 0; i < program.parameters.size(); ++i) {
    if (program.parameters[i].role != Role::weight) continue;
    for (const std::int8_t weight : quantized.weight(static_cast<int>(i))) all.push_back(weight);
  }
  return all;
}

template <class Scheme>
void expect_the_same_integers() {
  const Network<Net> network = lived_in<Net>(Seed{1});
  const Network<Net> rounded = round_weights<Scheme>(network);
  EXPECT_NE(std::vector<float>(rounded.buffer().begin(), rounded.buffer().end()),
            std::vector<float>(network.buffer().begin(), network.buffer().end()));
  EXPECT_EQ(integers<Scheme>(rounded), integers<Scheme>(network));
}

TEST(RoundWeights, IsWhatQuantizeDoes) {
  expect_the_same_integers<Int8<>>();
  expect_the_same_integers<Int8<WeightBits<7>>>();
}

// Norms may change between the two: that is what they are left in for.
TEST(RoundWeights, StaysWhatQuantizeDoesUnderOtherNorms) {
  Network<Net> rounded = round_weights<Int8<>>(lived_in<Net>(Seed{1}));
  const std::vector<int> before = integers<Int8<>>(rounded);
  for (float& x : rounded.tensor("1.running_var")) x *= 3;
  for (float& x : rounded.tensor("1.running_mean")) x += 0.25F;
  EXPECT_EQ(integers<Int8<>>(rounded), before);
}

TEST(RoundWeights, HasFewLevels) {
  const Network<Net> rounded = round_weights<Int8<WeightBits<2>>>(lived_in<Net>(Seed{1}));
  const std::span<const float> filter = rounded.tensor("0.weight").first(18);
  float level = 0;
  for (const float weight : filter) level = std::max(level, std::abs(weight));
  for (const float weight : filter) EXPECT_TRUE(weight == 0 || std::abs(weight) == level) << weight;
}

TEST(RoundWeights, RefusesNaN) {
  Network<Net> network = lived_in<Net>(Seed{1});
  network.tensor("0.weight")[5] = std::numeric_limits<float>::quiet_NaN();
  try {
    (void)round_weights<Int8<>>(network);
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::not_finite);
    EXPECT_NE(std::string{error.what()}.find("0.weight"), std::string::npos);
  }
}

}  // namespace
}  // namespace attar::test::round_weights_test
