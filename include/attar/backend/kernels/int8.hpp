// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <attar/backend/kernels/int8_vector.hpp>
#include <attar/backend/kernels/vector.hpp>
#include <attar/core/parallel.hpp>
#include <attar/model/int8_model.hpp>

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
  const std::size_t chunk = worth_a_thread(16384) / width + 1;
  parallel_ranges((count + chunk - 1) / chunk, [&](std::size_t begin, std::size_t end, std::size_t) {
    body(begin * chunk, end * chunk < count ? end * chunk : count);
  });
}

/// Quantizes vectors of floats: round(x * factor + zero), saturated; NaN the lowest.
template <class To, int L>
inline void store_quantized(To* to, Floats<L> x, float factor, float zero, Lanes<L> lanes) noexcept {
  store_rounded(to, int8_add(x * factor, zero), lanes);
}

/// Quantizes floats: round(x / scale + zero point).
template <std::same_as<float> Real>
void int8_quantize(const Real* from, std::size_t count, const Int8Format& format, std::byte* to) noexcept {
  const float factor = 1.0F / format.scale;
  const auto zero = static_cast<float>(format.zero_point);
  with_byte_type(format.is_signed, [&]<class To>(To) {
    for_chunks(count, 1, [&](std::size_t begin, std::size_t end) {
      for_lanes(begin, end, [&](std::size_t i, auto lanes) {
        store_quantized(as<To>(to) + i, load(from + i, lanes), factor, zero, lanes);
      });
    });
  });
}

/// The floats of a result: as they are where it is `floats`, else what bytes stand for.
inline void int8_to_float(const std::byte* from, std::size_t count, bool floats, const Int8Format& format,
                          float* to) noexcept {
  if (floats) {
    std::memcpy(to, from, count * sizeof(float));
    return;
  }
  with_byte_type(format.is_signed, [&]<class From>(From) {
    for (std::size_t i = 0; i < count; ++i) {
      to[i] = static_cast<float>(as<From>(from)[i] - format.zero_point) * format.scale;
    }
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
