// SPDX-License-Identifier: MIT
#include <chrono>

#include <gtest/gtest.h>

#include <attar/infer/latency.hpp>
#include <attar/model/network.hpp>
#include <attar/model/sequential.hpp>

namespace attar::latency_test {
namespace {

using Net = Sequential<Input<1, 4, 4>, Flatten, Linear<2>>;

TEST(Latency, IsAPositiveTime) {
  const Engine engine{Network<Net>{Seed{1}}};
  EXPECT_GT(latency_us(engine, {.repetitions = 20, .at_most = std::chrono::milliseconds{100}}), 0.0);
}

TEST(Latency, MakesSomeCallsEvenWithoutTime) {
  const Engine engine{Network<Net>{Seed{1}}};
  EXPECT_GT(latency_us(engine, {.repetitions = 1000, .at_most = std::chrono::milliseconds{0}}), 0.0);
}

}  // namespace
}  // namespace attar::latency_test
