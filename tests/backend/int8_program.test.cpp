// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstdint>

#include <gtest/gtest.h>

#include <attar/backend/int8_program.hpp>
#include <attar/core/rng.hpp>

namespace attar::detail::int8_program_test {
namespace {

TEST(ShortMultiplier, MakesProductsWithBytesExact) {
  Rng rng{Seed{1}};
  for (int i = 0; i < 1000; ++i) {
    const double value = std::ldexp(1.0 + static_cast<double>(rng.uniform()), static_cast<int>(rng.below(20)) - 15);
    const float multiplier = short_multiplier(value);
    EXPECT_NEAR(static_cast<double>(multiplier) / value, 1.0, std::ldexp(1.0, -16));
    for (const int q : {255, 254, 127, -128, 1}) {
      EXPECT_EQ(static_cast<double>(static_cast<float>(q) * multiplier), q * static_cast<double>(multiplier));
    }
  }
  EXPECT_EQ(short_multiplier(0.0), 0.0F);
  EXPECT_EQ(short_multiplier(0.25), 0.25F);
}

TEST(Requantize, SaturatesAndRoundsToEven) {
  EXPECT_EQ(requantize(0.5, false), 0);
  EXPECT_EQ(requantize(1.5, false), 2);
  EXPECT_EQ(requantize(-0.4, false), 0);
  EXPECT_EQ(requantize(300, false), 255);
  EXPECT_EQ(requantize(-300, true), -128);
  EXPECT_EQ(requantize(127.5, true), 127);
  EXPECT_EQ(requantize(-2.5, true), -2);
}

TEST(ByteOf, AndNumberOfAreInverse) {
  for (int q = -128; q < 128; ++q) EXPECT_EQ(number_of(byte_of(q), true), q);
  for (int q = 0; q < 256; ++q) EXPECT_EQ(number_of(byte_of(q), false), q);
}

}  // namespace
}  // namespace attar::detail::int8_program_test
