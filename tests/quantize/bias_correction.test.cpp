// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "../support/small_networks.hpp"
#include "../support/tiny_data.hpp"
#include <attar/backend/reference.hpp>
#include <attar/quantize/bias_correction.hpp>
#include <attar/quantize/quantize.hpp>

namespace attar::test::bias_correction_test {
namespace {

using Floats = Reference<float>;
using Net = Sequential<Input<2, 6, 6>, Conv2d<8, Kernel<3>>, BatchNorm2d, ReLU,
                       Residual<Stack<Conv2d<8, Kernel<3>>, BatchNorm2d>>, ReLU, GlobalAvgPool, Linear<4>>;
using Scheme = Int8<PerTensor, MinMax>;

/// One weight per tensor is so large that all others are rounded to 0, though their sum matters.
Network<Net> shifted() {
  Network<Net> network = lived_in<Net>(Seed{1});
  for (std::size_t i = 0; i < Net::program.parameters.size(); ++i) {
    if (Net::program.parameters[i].role != Role::weight) continue;
    const auto weights = network.tensor(static_cast<int>(i));
    for (float& x : weights) x = 0.003F;
    weights[0] = 1;
  }
  for (const char* name : {"1.weight", "3.main.1.weight", "1.running_var", "3.main.1.running_var"}) {
    std::ranges::fill(network.tensor(name), 1.0F);
  }
  return network;
}

std::vector<float> positive_images(std::size_t count) {
  std::vector<float> images = noise(count * Net::input_shape.size(), Seed{2});
  for (float& x : images) x = 2 + 0.5F * x;
  return images;
}

template <class Session>
std::vector<double> mean_logits(const Session& session, const std::vector<float>& images) {
  auto context = session.make_context();
  std::vector<float> logits(session.output_size());
  session.run(images.data(), logits.data(), context);
  std::vector<double> means(4);
  for (std::size_t i = 0; i < logits.size(); ++i)
    means[i % 4] += static_cast<double>(logits[i]) / (static_cast<double>(logits.size()) / 4);
  return means;
}

template <class Scheme>
void expect_no_mean_error() {
  constexpr std::size_t count = 40;  // Two batches, one of them not full.
  const Network<Net> network = shifted();
  const std::vector<float> images = positive_images(count);
  const auto int8 = quantize<Scheme, Floats>(network, std::span<const float>{images});
  const auto corrected = correct_bias<Floats>(int8, network, std::span<const float>{images});
  const auto wanted = mean_logits(InferenceSession<Floats>{Net::program, network.buffer(), count}, images);
  const auto before = mean_logits(Int8Session<Floats>{int8.model(), count}, images);
  const auto after = mean_logits(Int8Session<Floats>{corrected.model(), count}, images);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(after[i], wanted[i], 1e-4) << i;
    EXPECT_GT(std::abs(before[i] - wanted[i]), 1e-3) << i;
  }
}

TEST(CorrectBias, TakesTheMeanErrorAway) {
  expect_no_mean_error<Scheme>();
  expect_no_mean_error<Int8<PerTensor, Asymmetric>>();
}

TEST(CorrectBias, ChangesTheFirstLayerByItsOwnError) {
  const Network<Net> network = shifted();
  // Constant images: the mean error of a channel is that of its weights' sum, but for the border.
  std::vector<float> images(Net::input_shape.size(), 1.0F);
  auto int8 = quantize<Scheme, Floats>(network, std::span<const float>{images});
  auto corrected = correct_bias<Floats>(int8, network, std::span<const float>{images});
  // Of the 9 taps of a filter, 16 inner pixels see all, 16 at the sides see 6 and 4 in the corners 4.
  const double taps = 2.0 * (16 * 9 + 16 * 6 + 4 * 4) / 36;
  const int bias = detail::find_parameter(int8.program, "0.bias");
  ASSERT_GE(bias, 0);
  for (std::size_t c = 1; c < 8; ++c) {
    EXPECT_NEAR(corrected.numbers(bias)[c] - int8.numbers(bias)[c], 0.003 * taps, 1e-4) << c;
  }
  EXPECT_TRUE(std::ranges::equal(corrected.weight(0), int8.weight(0)));
  EXPECT_TRUE(std::ranges::equal(corrected.activation_scales(), int8.activation_scales()));
}

ErrorCode code_of(auto&& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::interrupted;  // Nothing was thrown.
}

TEST(CorrectBias, RefusesWhatCannotBe) {
  const Network<Net> network = shifted();
  std::vector<float> images = positive_images(2);
  const auto int8 = quantize<Scheme, Floats>(network, std::span<const float>{images});
  const auto correct = [&](std::span<const float> from) { (void)correct_bias<Floats>(int8, network, from); };
  EXPECT_EQ(code_of([&] { correct({}); }), ErrorCode::invalid_data);
  EXPECT_EQ(code_of([&] { correct(std::span<const float>{images}.first(5)); }), ErrorCode::architecture_mismatch);
  EXPECT_EQ(code_of([&] { (void)correct_bias<Floats>(int8, network, corners(4)); }), ErrorCode::architecture_mismatch);
  images[3] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(code_of([&] { correct(images); }), ErrorCode::not_finite);
}

}  // namespace
}  // namespace attar::test::bias_correction_test
