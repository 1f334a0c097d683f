// SPDX-License-Identifier: MIT
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/int8_program.hpp>
#include <attar/backend/kernels/convert_step.hpp>
#include <attar/core/rng.hpp>

namespace attar::detail::convert_step_test {
namespace {

constexpr std::size_t count = 1003;  // Not a multiple of any vector.

std::vector<std::byte> convert(const ConvertFormats& formats, const void* from, std::size_t numbers = count) {
  std::vector<std::byte> result(numbers * size_of(formats.to));
  const ConvertStep step{formats, numbers};
  StepPointers pointers;
  pointers.inputs[0] = static_cast<const std::byte*>(from);
  pointers.output = result.data();
  auto binding = step.bind(pointers);
  step.execute(binding);
  return result;
}

std::vector<float> numbers_around(float width) {
  Rng rng{Seed{1}};
  std::vector<float> numbers(count);
  for (float& number : numbers) number = width * rng.normal();
  numbers[0] = std::numeric_limits<float>::quiet_NaN();
  numbers[1] = std::numeric_limits<float>::infinity();
  numbers[2] = -std::numeric_limits<float>::infinity();
  return numbers;
}

TEST(ConvertStep, QuantizesAsImagesAreQuantized) {
  const std::vector<float> numbers = numbers_around(20);
  for (const bool is_signed : {false, true}) {
    const ConvertFormats formats{LayerPrecision::fp32, LayerPrecision::int8, {0.3F, is_signed, is_signed ? 0 : 101}};
    const std::vector<std::byte> bytes = convert(formats, numbers.data());
    std::vector<std::byte> images(count);
    int8_quantize(numbers.data(), count, formats.int8, images.data());
    EXPECT_EQ(bytes, images);
    EXPECT_EQ(number_of(static_cast<std::int8_t>(bytes[0]), is_signed), is_signed ? -128 : 0);
    EXPECT_EQ(number_of(static_cast<std::int8_t>(bytes[1]), is_signed), is_signed ? 127 : 255);
    for (std::size_t i = 3; i < count; ++i) {
      const volatile float scaled = numbers[i] * (1 / 0.3F);
      const float y = scaled + static_cast<float>(formats.int8.zero_point);
      ASSERT_EQ(number_of(static_cast<std::int8_t>(bytes[i]), is_signed), requantize(double{y}, is_signed));
    }
  }
}

TEST(ConvertStep, GivesFloatsOfEveryByte) {
  std::array<std::uint8_t, 256> bytes{};
  for (std::size_t i = 0; i < 256; ++i) bytes[i] = static_cast<std::uint8_t>(i);
  for (const bool is_signed : {false, true}) {
    const Int8Format int8{0.7F, is_signed, is_signed ? 0 : 77};
    const ConvertFormats formats{LayerPrecision::int8, LayerPrecision::fp32, int8};
    const std::vector<std::byte> floats = convert(formats, bytes.data(), 256);
    for (std::size_t i = 0; i < 256; ++i) {
      float number = 0;
      std::memcpy(&number, floats.data() + 4 * i, 4);
      const int q = number_of(static_cast<std::int8_t>(bytes[i]), is_signed) - int8.zero_point;
      EXPECT_EQ(number, static_cast<float>(q) * 0.7F);
    }
    // And back.
    const ConvertFormats back{LayerPrecision::fp32, LayerPrecision::int8, int8};
    EXPECT_EQ(std::memcmp(convert(back, floats.data(), 256).data(), bytes.data(), 256), 0);
  }
}

TEST(ConvertStep, RoundsToBf16AndWidensFromIt) {
  const std::vector<float> numbers = numbers_around(1);
  const std::vector<std::byte> halves = convert({LayerPrecision::fp32, LayerPrecision::bf16}, numbers.data());
  const std::vector<std::byte> floats = convert({LayerPrecision::bf16, LayerPrecision::fp32}, halves.data());
  for (std::size_t i = 1; i < count; ++i) {
    float number = 0;
    std::memcpy(&number, floats.data() + 4 * i, 4);
    ASSERT_EQ(number, float{bf16{numbers[i]}});
  }
}

TEST(ConvertStep, KeepsFloatsBitByBit) {
  const std::vector<float> numbers = numbers_around(1);
  const std::vector<std::byte> same = convert({LayerPrecision::fp32, LayerPrecision::fp32}, numbers.data());
  EXPECT_EQ(std::memcmp(same.data(), numbers.data(), 4 * count), 0);
}

}  // namespace
}  // namespace attar::detail::convert_step_test
