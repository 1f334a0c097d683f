// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <attar/backend/kernels/int8_vector.hpp>
#include <attar/backend/kernels/vector.hpp>
#include <attar/core/parallel.hpp>

/// Portable int8 kernels that every int8 backend can use for what is not a matrix product. Their arithmetic is that of
/// `int8_program.hpp`.
namespace attar::detail {

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
      for_lanes(begin, end, [&](std::size_t i, auto lanes) {
        store_rounded(as<To>(to) + i, load(from + i, lanes) * factor, lanes);
      });
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
