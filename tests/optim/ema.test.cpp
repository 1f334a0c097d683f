// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "../golden/optimizers.hpp"
#include <attar/core/error.hpp>
#include <attar/optim/ema.hpp>

namespace attar::ema_test {
namespace {

using namespace attar;

TEST(Ema, AgreesWithPyTorch) {
  const Ema ema{.decay = 0.9, .warm_up = false};
  std::vector<double> average;
  for (int i = 0; i < 12; ++i) average.push_back(std::cos(i));
  const std::vector<double> start = average;
  std::vector<double> parameters(12);
  for (std::uint64_t step = 0; step < 20; ++step) {
    for (std::size_t i = 0; i < 12; ++i) {
      parameters[i] = 0.3 * start[i] + std::sin(3.0 * static_cast<double>(i) + static_cast<double>(step));
    }
    ema.update(std::span{average}, parameters, step);
  }
  for (std::size_t i = 0; i < 12; ++i) EXPECT_NEAR(average[i], golden::averaged[i], 1e-12);
}

TEST(Ema, WarmsUp) {
  const Ema ema{.decay = 0.9};
  EXPECT_DOUBLE_EQ(ema.decay_at(0), 0.1);
  EXPECT_DOUBLE_EQ(ema.decay_at(8), 0.5);
  EXPECT_DOUBLE_EQ(ema.decay_at(1'000'000), 0.9);
  EXPECT_DOUBLE_EQ((Ema{.decay = 0.9, .warm_up = false}.decay_at(0)), 0.9);
}

TEST(Ema, OfAConstantIsTheConstant) {
  const std::vector<float> parameters(1000, 0.7F);
  std::vector<float> average = parameters;
  for (std::uint64_t step = 0; step < 50; ++step) Ema{}.update(std::span{average}, parameters, step);
  EXPECT_EQ(average, parameters);
}

TEST(Ema, RefusesBuffersOfDifferentSizes) {
  std::vector<float> average(3);
  EXPECT_THROW((Ema{}.update(std::span{average}, std::vector<float>(4), 0)), Error);
}

}  // namespace
}  // namespace attar::ema_test
