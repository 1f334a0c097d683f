// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace attar {

/// The element types that files and backends know.
enum class DType { f64, f32, bf16, s32, s8, u8 };

/// Bytes of one element.
[[nodiscard]] constexpr std::size_t size_of(DType type) noexcept {
  switch (type) {
    case DType::f64:
      return 8;
    case DType::f32:
    case DType::s32:
      return 4;
    case DType::bf16:
      return 2;
    case DType::s8:
    case DType::u8:
      return 1;
  }
  return 0;
}

/// The upper half of a float: 8 bits of exponent, 7 of fraction. A type to store in; arithmetic is done in float.
class bf16 {
 public:
  bf16() = default;
  /// Rounds to nearest, ties to even; NaN stays NaN.
  explicit constexpr bf16(float value) noexcept {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t rounded = (bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16;
    const std::uint32_t nan = (bits >> 16) | 0x40U;
    bits_ = static_cast<std::uint16_t>((bits & 0x7FFFFFFFU) > 0x7F800000U ? nan : rounded);
  }
  constexpr operator float() const noexcept {  // NOLINT: widening loses nothing, so it may be implicit
    return std::bit_cast<float>(std::uint32_t{bits_} << 16);
  }

 private:
  std::uint16_t bits_;
};

/// The `DType` of a C++ type.
template <class T>
inline constexpr DType dtype_of = [] {
  static_assert(sizeof(T) == 0, "attar: this type has no DType");
  return DType::f32;
}();
template <>
inline constexpr DType dtype_of<double> = DType::f64;
template <>
inline constexpr DType dtype_of<float> = DType::f32;
template <>
inline constexpr DType dtype_of<bf16> = DType::bf16;
template <>
inline constexpr DType dtype_of<std::int32_t> = DType::s32;
template <>
inline constexpr DType dtype_of<std::int8_t> = DType::s8;
template <>
inline constexpr DType dtype_of<std::uint8_t> = DType::u8;

}  // namespace attar
