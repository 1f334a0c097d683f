// SPDX-License-Identifier: MIT
// That engines get from it what they would quantize themselves: pixel_engine.test.cpp.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include <attar/infer/pixel_table.hpp>

namespace attar::pixel_table_test {
namespace {

using namespace attar;

const Normalization normalization{{0.25F, 0.5F}, {0.5F, 0.25F}};
const std::vector<std::uint8_t> pixels{0, 255, 128, 1, 255, 0};

double expected(std::size_t i) {
  const double mean = i % 2 == 0 ? 0.25 : 0.5;
  const double deviation = i % 2 == 0 ? 0.5 : 0.25;
  return (pixels[i] / 255.0 - mean) / deviation;
}

TEST(PixelTable, NormalizesFloats) {
  const PixelTable<2> table{normalization, {}};
  std::vector<float> numbers(pixels.size());
  table(pixels.data(), pixels.size(), reinterpret_cast<std::byte*>(numbers.data()));
  for (std::size_t i = 0; i < pixels.size(); ++i) EXPECT_NEAR(numbers[i], expected(i), 1e-6) << i;
}

TEST(PixelTable, RoundsToBf16) {
  const PixelTable<2> table{normalization, {.precision = LayerPrecision::bf16}};
  std::vector<bf16> numbers(pixels.size());
  table(pixels.data(), pixels.size(), reinterpret_cast<std::byte*>(numbers.data()));
  for (std::size_t i = 0; i < pixels.size(); ++i) EXPECT_NEAR(float{numbers[i]}, expected(i), 0.01) << i;
}

TEST(PixelTable, QuantizesAndSaturates) {
  const PixelTable<2> table{normalization,
                            {.precision = LayerPrecision::int8, .int8 = {.scale = 0.01F, .is_signed = true}}};
  std::vector<std::int8_t> numbers(pixels.size());
  table(pixels.data(), pixels.size(), reinterpret_cast<std::byte*>(numbers.data()));
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    EXPECT_EQ(numbers[i], std::clamp(std::nearbyint(expected(i) / 0.01F), -128.0, 127.0)) << i;
  }
}

TEST(PixelTable, OfUnsignedInputsHasNothingBelowTheZeroPoint) {
  for (const int zero : {0, 60}) {
    const PixelTable<2> table{normalization,
                              {.precision = LayerPrecision::int8, .int8 = {.scale = 0.01F, .zero_point = zero}}};
    std::vector<std::uint8_t> numbers(pixels.size());
    table(pixels.data(), pixels.size(), reinterpret_cast<std::byte*>(numbers.data()));
    for (std::size_t i = 0; i < pixels.size(); ++i) {
      EXPECT_EQ(numbers[i], std::clamp(std::nearbyint(expected(i) / 0.01F + zero), 0.0, 255.0)) << i;
    }
  }
}

}  // namespace
}  // namespace attar::pixel_table_test
