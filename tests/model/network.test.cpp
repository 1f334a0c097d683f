// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <attar/model/network.hpp>

namespace attar::network_test {
namespace {

using Net = Sequential<Input<8, 6, 6>, Conv2d<64, Kernel<3>>, BatchNorm2d, ReLU, DepthwiseConv2d<Kernel<5>, Bias>,
                       Conv2d<128, Kernel<3>, Groups<2>>, GlobalAvgPool, Linear<50>>;

template <class Numbers>
std::vector<double> list(const Numbers& numbers) {
  return {numbers.begin(), numbers.end()};
}

struct Moments {
  double mean = 0;
  double deviation = 0;
};
Moments moments(std::span<const float> numbers) {
  Moments result;
  const auto count = static_cast<double>(numbers.size());
  for (const float x : numbers) result.mean += double{x} / count;
  for (const float x : numbers) result.deviation += std::pow(double{x} - result.mean, 2) / count;
  result.deviation = std::sqrt(result.deviation);
  return result;
}

/// Five standard errors of mean and deviation around those of a normal distribution.
void expect_normal(std::span<const float> numbers, double deviation) {
  const Moments found = moments(numbers);
  const double root = std::sqrt(static_cast<double>(numbers.size()));
  EXPECT_NEAR(found.mean, 0, 5 * deviation / root);
  EXPECT_NEAR(found.deviation, deviation, 5 * deviation / root / std::sqrt(2));
}

TEST(Initialize, ConvolutionsAreHesByFanOut) {
  const Network<Net> network{Seed{1}};
  expect_normal(network.tensor("0.weight"), std::sqrt(2.0 / (64 * 9)));
  expect_normal(network.tensor("3.weight"), std::sqrt(2.0 / 25));
  expect_normal(network.tensor("4.weight"), std::sqrt(2.0 / (64 * 9)));
}

TEST(Initialize, LinearLayersAreUniformByFanIn) {
  const Network<Net> network{Seed{1}};
  const double bound = 1 / std::sqrt(128.0);
  const auto weight = network.tensor("6.weight");
  for (const float x : weight) ASSERT_LE(std::abs(double{x}), bound);
  const double root = std::sqrt(static_cast<double>(weight.size()));
  EXPECT_NEAR(moments(weight).mean, 0, 5 * bound / std::sqrt(3) / root);
  EXPECT_NEAR(moments(weight).deviation, bound / std::sqrt(3), 0.02 * bound);
  EXPECT_GT(*std::ranges::max_element(weight), 0.99 * bound);
}

TEST(Initialize, NormsAndBiasesAreConstant) {
  const Network<Net> network{Seed{1}};
  const auto all_are = [&](const char* name, float value) {
    return std::ranges::all_of(network.tensor(name), [&](float x) { return x == value; });
  };
  EXPECT_TRUE(all_are("1.weight", 1) && all_are("1.bias", 0));
  EXPECT_TRUE(all_are("1.running_mean", 0) && all_are("1.running_var", 1));
  EXPECT_TRUE(all_are("3.bias", 0) && all_are("6.bias", 0));
}

TEST(Initialize, TheSeedDecides) {
  EXPECT_EQ(list(Network<Net>{Seed{3}}.buffer()), list(Network<Net>{Seed{3}}.buffer()));
  EXPECT_NE(list(Network<Net>{Seed{3}}.buffer()), list(Network<Net>{Seed{4}}.buffer()));
}

TEST(Initialize, TensorsHaveRandomStreamsOfTheirOwn) {
  using Twice = Sequential<Input<4, 1, 1>, Conv2d<4>, Conv2d<4>>;
  using Longer = Sequential<Input<4, 1, 1>, Conv2d<4>, Conv2d<4>, Conv2d<4>>;
  const Network<Twice> network{Seed{5}};
  const Network<Longer> longer{Seed{5}};
  EXPECT_NE(list(network.tensor("0.weight")), list(network.tensor("1.weight")));
  EXPECT_EQ(list(network.tensor("0.weight")), list(longer.tensor("0.weight")));
  EXPECT_EQ(list(network.tensor("1.weight")), list(longer.tensor("1.weight")));
}

TEST(Initialize, DoublesAreTheSameNumbersAsFloats) {
  const Network<Net> narrow{Seed{6}};
  const Network<Net, double> wide{Seed{6}};
  for (std::size_t i = 0; i < narrow.buffer().size(); ++i) {
    ASSERT_EQ(narrow.buffer()[i], static_cast<float>(wide.buffer()[i]));
  }
}

TEST(Initialize, LeavesThePaddingZero) {
  using Small = Sequential<Input<3, 1, 1>, Linear<1>>;
  const Network<Small> network{Seed{1}};
  for (std::size_t i = 3; i < 16; ++i) EXPECT_EQ(network.buffer()[i], 0);
}

TEST(Network, IsZeroWithoutASeed) {
  const Network<Net> network;
  EXPECT_TRUE(std::ranges::all_of(network.buffer(), [](float x) { return x == 0; }));
  EXPECT_EQ(network.buffer().size(), Net::program.buffer_size);
  EXPECT_EQ(network.trainable().size(), Net::program.trainable_size);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(network.buffer().data()) % 64, 0U);
}

TEST(Network, IsAValue) {
  const Network<Net> network{Seed{1}};
  Network<Net> copy = network;
  copy.tensor("0.weight")[0] = 100;
  EXPECT_NE(network.tensor("0.weight")[0], 100);
  Network<Net> moved = std::move(copy);
  EXPECT_EQ(moved.tensor("0.weight")[0], 100);
}

TEST(Network, GivesTensorsByNumberAndByName) {
  Network<Net> network{Seed{1}};
  EXPECT_EQ(network.tensor("1.running_var").data(), network.tensor(4).data());
  EXPECT_EQ(network.tensor("6.weight").size(), 50U * 128);
  EXPECT_EQ(network.tensor(0).data(), network.buffer().data());
}

TEST(Network, NamesTheTensorThatIsMissing) {
  const Network<Net> network;
  try {
    (void)network.tensor("7.weight");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    EXPECT_EQ(error.found(), "7.weight");
  }
}

}  // namespace
}  // namespace attar::network_test
