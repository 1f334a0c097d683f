// SPDX-License-Identifier: MIT
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include <gtest/gtest.h>

#include <attar/core/dtype.hpp>

namespace attar::dtype_test {
namespace {

constexpr float from_bits(std::uint32_t bits) {
  return std::bit_cast<float>(bits);
}
constexpr std::uint32_t rounded(std::uint32_t bits) {
  return std::bit_cast<std::uint32_t>(static_cast<float>(bf16{from_bits(bits)}));
}

TEST(DType, KnowsSizesAndTypes) {
  static_assert(size_of(DType::f64) == 8 && size_of(DType::f32) == 4 && size_of(DType::bf16) == 2);
  static_assert(size_of(DType::s32) == 4 && size_of(DType::s8) == 1 && size_of(DType::u8) == 1);
  static_assert(dtype_of<double> == DType::f64 && dtype_of<float> == DType::f32 && dtype_of<bf16> == DType::bf16);
  static_assert(dtype_of<std::int32_t> == DType::s32 && dtype_of<std::int8_t> == DType::s8);
  static_assert(dtype_of<std::uint8_t> == DType::u8);
  static_assert(sizeof(bf16) == 2 && std::is_trivially_copyable_v<bf16>);
}

TEST(Bf16, RoundsToNearest) {
  static_assert(rounded(0x3F800000) == 0x3F800000);  // 1
  static_assert(rounded(0x3F807FFF) == 0x3F800000);
  static_assert(rounded(0x3F808001) == 0x3F810000);
  static_assert(rounded(0xC2F78000 - 1) == 0xC2F70000);
}

TEST(Bf16, RoundsTiesToEven) {
  static_assert(rounded(0x3F808000) == 0x3F800000);
  static_assert(rounded(0x3F818000) == 0x3F820000);
  static_assert(rounded(0xBF808000) == 0xBF800000);
  static_assert(rounded(0xBF818000) == 0xBF820000);
}

TEST(Bf16, CarriesIntoTheExponentAndToInfinity) {
  static_assert(rounded(0x3FFFFFFF) == 0x40000000);
  static_assert(rounded(0x7F7FFFFF) == 0x7F800000, "the largest float is nearer to infinity");
  static_assert(rounded(0x7F7F7FFF) == 0x7F7F0000);
}

TEST(Bf16, KeepsInfinityZeroAndSigns) {
  static_assert(rounded(0x7F800000) == 0x7F800000 && rounded(0xFF800000) == 0xFF800000);
  static_assert(rounded(0) == 0 && rounded(0x80000000) == 0x80000000);
  static_assert(rounded(0x00000001) == 0 && rounded(0x00018000) == 0x00020000, "denormals too");
}

TEST(Bf16, NanStaysNan) {
  // Also those whose upper half alone would be infinity, or whose rounding would carry.
  for (const std::uint32_t bits : {0x7FC00000U, 0x7F800001U, 0xFF800001U, 0x7FFFFFFFU, 0xFFFFFFFFU, 0x7FBFFFFFU}) {
    EXPECT_TRUE(std::isnan(static_cast<float>(bf16{from_bits(bits)}))) << std::hex << bits;
    EXPECT_EQ(rounded(bits) >> 31, bits >> 31) << "sign";
  }
}

TEST(Bf16, IsExactForEveryOneOfItsNumbers) {
  for (std::uint32_t upper = 0; upper < 0x10000; ++upper) {
    const float number = from_bits(upper << 16);
    if (std::isnan(number)) continue;
    ASSERT_EQ(rounded(upper << 16), upper << 16);
  }
}

TEST(Bf16, IsTheNearestOfItsNumbers) {
  for (std::uint32_t i = 0; i < 100000; ++i) {
    const std::uint32_t bits = i * 21211U;  // All over the positive range.
    const float x = from_bits(bits);
    if (bits >= 0x7F000000U) continue;
    const float found = static_cast<float>(bf16{x});
    const float below = from_bits(bits & 0xFFFF0000U);
    const float above = from_bits((bits & 0xFFFF0000U) + 0x10000U);
    const double error = std::abs(double{found} - double{x});
    ASSERT_LE(error, std::abs(double{below} - double{x}));
    ASSERT_LE(error, std::abs(double{above} - double{x}));
  }
}

}  // namespace
}  // namespace attar::dtype_test
