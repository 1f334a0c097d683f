// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <span>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include "../support/int8_exact.hpp"
#include "../support/small_networks.hpp"
#include "../support/tiny_data.hpp"
#include <attar/quantize/quantize.hpp>

namespace attar::test::quantize_test {
namespace {

using Net = Sequential<Input<1, 8, 8>, Conv2d<8, Kernel<3>>, BatchNorm2d, ReLU, MaxPool2d<2>, Conv2d<16, Kernel<3>>,
                       BatchNorm2d, ReLU, GlobalAvgPool, Linear<4>>;

TEST(Quantize, GivesTheFoldedTypeWithItsScheme) {
  const Network<Net> network = lived_in<Net>(Seed{1});
  const auto small = quantize<Int8<PerTensor, MinMax>>(network, corners(8));
  static_assert(std::is_same_v<decltype(small), const quantize_t<Net, Int8<PerTensor, MinMax>>>);
  EXPECT_NO_THROW(small.model().validate());
}

TEST(Quantize, TakesDatasetsAndFloatsAlike) {
  const Network<Net> network = lived_in<Net>(Seed{1});
  const Dataset data = corners(40);
  const Normalizer normalize{data.shape(), data.normalization()};
  std::vector<float> images(40 * 64);
  for (std::size_t i = 0; i < 40; ++i) normalize(data.image(i), std::span{images}.subspan(64 * i, 64));
  auto from_data = quantize(network, data);
  auto from_floats = quantize(network, std::span<const float>{images});
  EXPECT_TRUE(std::ranges::equal(from_data.activation_scales(), from_floats.activation_scales()));
  EXPECT_TRUE(std::ranges::equal(from_data.weight(0), from_floats.weight(0)));
}

TEST(Quantize, DoesNotDependOnTheOrderOfImages) {
  const Network<Net> network = lived_in<Net>(Seed{1});
  const Dataset data = corners(64);
  auto first = quantize<Int8<Entropy>>(network, data);
  auto second = quantize<Int8<Entropy>>(network, data.shuffled(Seed{5}));
  EXPECT_TRUE(std::ranges::equal(first.activation_scales(), second.activation_scales()));
}

TEST(Quantize, MultipliesBackToTheFoldedWeights) {
  const Network<Net> network = lived_in<Net>(Seed{1});
  const auto folded = fold_batch_norm(network);
  auto small = quantize<Int8<WeightBits<7>, MinMax>>(network, corners(8));
  for (std::size_t i = 0; i < folded.program.parameters.size(); ++i) {
    const auto index = static_cast<int>(i);
    const auto numbers = folded.tensor(index);
    if (folded.program.parameters[i].role != Role::weight) {
      EXPECT_TRUE(std::ranges::equal(numbers, small.numbers(index)));
      continue;
    }
    const std::size_t filter = numbers.size() / small.weight_scales(index).size();
    for (std::size_t k = 0; k < numbers.size(); ++k) {
      const float scale = small.weight_scales(index)[k / filter];
      EXPECT_LE(std::abs(small.weight(index)[k]), 63);
      EXPECT_NEAR(static_cast<float>(small.weight(index)[k]) * scale, numbers[k], 0.5001F * scale);
    }
  }
}

TEST(Quantize, RunsFewBitsAsInt8Exactly) {
  const Network<Net> network = lived_in<Net>(Seed{2});
  const std::vector<float> images = noise(3 * Net::input_shape.size(), Seed{3});
  const auto four = quantize<Int8<WeightBits<4>>>(network, std::span<const float>{images});
  for (const std::int8_t weight : four.model().weights) EXPECT_LE(std::abs(weight), 7);
  expect_exact<DefaultBackend>(four.model(), images, 3);
  const auto two = quantize<Int8<WeightBits<2>, PerTensor>>(network, std::span<const float>{images});
  for (const std::int8_t weight : two.model().weights) EXPECT_LE(std::abs(weight), 1);
  expect_exact<DefaultBackend>(two.model(), images, 3);
}

/// A calibrator of one's own: half of the largest magnitude.
struct Halved {
  static float limit(const ValueStatistics& statistics, int) { return statistics.magnitude() / 2; }
};

TEST(Quantize, TakesACalibratorOfTheUser) {
  const Network<Net> network = lived_in<Net>(Seed{1});
  auto plain = quantize<Int8<MinMax>>(network, corners(8));
  auto halved = quantize<Int8<Halved>>(network, corners(8));
  const int conv = fuse(plain.program, FuseFor::inference).ops[0].output;
  EXPECT_EQ(halved.activation_scales()[0], plain.activation_scales()[0]);
  EXPECT_FLOAT_EQ(2 * halved.activation_scales()[static_cast<std::size_t>(conv)],
                  plain.activation_scales()[static_cast<std::size_t>(conv)]);
}

ErrorCode code_of(auto&& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::interrupted;  // Nothing was thrown.
}

TEST(Quantize, RefusesWhatCannotBe) {
  Network<Net> network = lived_in<Net>(Seed{1});
  EXPECT_EQ(code_of([&] { (void)quantize(network, corners(8).take(0)); }), ErrorCode::invalid_data);
  const std::vector<float> odd(65);
  EXPECT_EQ(code_of([&] { (void)quantize(network, std::span<const float>{odd}); }), ErrorCode::architecture_mismatch);
  EXPECT_EQ(code_of([&] { (void)quantize(Network<VggLike>{Seed{1}}, corners(8)); }), ErrorCode::architecture_mismatch);
  network.tensor("0.weight")[0] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(code_of([&] { (void)quantize(network, corners(8)); }), ErrorCode::not_finite);
}

}  // namespace
}  // namespace attar::test::quantize_test
