// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include <attar/core/parallel.hpp>

/// Portable int8 kernels that every int8 backend can use for what is not a matrix product. Loops that compilers turn
/// into vector code; their arithmetic is that of `int8_program.hpp`.
namespace attar::detail {

/// Saturates y and rounds it to nearest, ties to even; NaN gives the lowest value.
template <class To>
[[nodiscard]] inline To round_to(float y) noexcept {
  constexpr float low = std::is_signed_v<To> ? -128.0F : 0.0F;
  constexpr float high = std::is_signed_v<To> ? 127.0F : 255.0F;
  constexpr float magic = 12582912.0F;  // 1.5 * 2^23: the lowest bit of the sum's fraction counts ones.
  const float bounded = y > low ? (y < high ? y : high) : low;
  return static_cast<To>(std::bit_cast<std::int32_t>(bounded + magic) - std::bit_cast<std::int32_t>(magic));
}

/// Calls `body` with a std::uint8_t or a std::int8_t, whichever `is_signed` names.
template <class Body>
void with_byte_type(bool is_signed, Body&& body) {
  if (is_signed) {
    body(std::int8_t{});
  } else {
    body(std::uint8_t{});
  }
}

/// Bytes of the arena as numbers.
template <class T>
[[nodiscard]] const T* as(const std::byte* bytes) noexcept {
  return reinterpret_cast<const T*>(bytes);
}
template <class T>
[[nodiscard]] T* as(std::byte* bytes) noexcept {
  return reinterpret_cast<T*>(bytes);
}

/// Calls `body(begin, end)` for ranges that cover `count` items of `width` numbers, on several threads where it is
/// worth it.
template <class Body>
void for_chunks(std::size_t count, std::size_t width, Body&& body) noexcept {
  const std::size_t chunk = 16384 / width + 1;
  parallel_ranges((count + chunk - 1) / chunk, [&](std::size_t begin, std::size_t end, std::size_t) {
    body(begin * chunk, end * chunk < count ? end * chunk : count);
  });
}

/// Quantizes floats: round(x * factor).
inline void int8_quantize(const float* from, std::size_t count, float factor, bool is_signed, std::byte* to) noexcept {
  with_byte_type(is_signed, [&]<class To>(To) {
    for_chunks(count, 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) as<To>(to)[i] = round_to<To>(from[i] * factor);
    });
  });
}

/// The floats of a result: as they are where it is `floats`, else bytes times `scale`.
inline void int8_to_float(const std::byte* from, std::size_t count, bool floats, float scale, bool is_signed,
                          float* to) noexcept {
  if (floats) {
    std::memcpy(to, from, count * sizeof(float));
    return;
  }
  with_byte_type(is_signed, [&]<class From>(From) {
    for (std::size_t i = 0; i < count; ++i) to[i] = static_cast<float>(as<From>(from)[i]) * scale;
  });
}

/// to = table[from].
inline void int8_look_up(const std::byte* from, std::size_t count, const std::int8_t* table, std::byte* to) noexcept {
  for_chunks(count, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      to[i] = static_cast<std::byte>(table[std::to_integer<std::uint8_t>(from[i])]);
    }
  });
}

}  // namespace attar::detail
