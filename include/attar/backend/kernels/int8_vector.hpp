// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include <attar/backend/kernels/vector.hpp>

/// Short vectors of quantized values: bytes in memory, floats or bytes in registers.
namespace attar::detail {

/// `Count` numbers of a type, most often bytes.
template <class T, int Count>
using Bytes = typename VectorOf<T, Count>::Type;

/// `Count` bytes as they are.
template <class T, int Count>
[[nodiscard]] inline Bytes<T, Count> load_bytes(const T* from, Lanes<Count>) noexcept {
  Bytes<T, Count> bytes;
  std::memcpy(&bytes, from, sizeof(bytes));
  return bytes;
}

/// `Count` bytes as integers and as floats.
template <class T, int Count>
[[nodiscard]] inline Ints<Count> load_integers(const T* from, Lanes<Count> lanes) noexcept {
  if constexpr (sizeof(T) == 1) {
    // In two steps, for which GCC knows the instructions.
    using Wider = std::conditional_t<std::is_signed_v<T>, std::int16_t, std::uint16_t>;
    const auto wider = __builtin_convertvector(load_bytes(from, lanes), Bytes<Wider, Count>);
    return __builtin_convertvector(wider, Ints<Count>);
  } else {
    return load_bytes(from, lanes);
  }
}
template <class T, int Count>
[[nodiscard]] inline Floats<Count> load_floats(const T* from, Lanes<Count> lanes) noexcept {
  return __builtin_convertvector(load_integers(from, lanes), Floats<Count>);
}

/// Saturates y, rounds it to nearest, ties to even, and stores it; NaN gives the lowest value.
template <class T, int Count>
inline void store_rounded(T* to, Floats<Count> y, Lanes<Count>) noexcept {
  constexpr bool is_signed = std::is_signed_v<T>;
  constexpr float magic = 12582912.0F;  // 1.5 * 2^23: the lowest bit of the sum's fraction counts ones.
  constexpr std::int32_t magic_bits = 0x4B400000;
  const Floats<Count> low = Floats<Count>{} - (is_signed ? 128.0F : 0.0F);
  const Floats<Count> high = Floats<Count>{} + (is_signed ? 127.0F : 255.0F);
  const Floats<Count> above = y > low ? y : low;
  const Floats<Count> bounded = above < high ? above : high;
  const Ints<Count> rounded = reinterpret_cast<Ints<Count>>(bounded + magic) - magic_bits;
  const Bytes<T, Count> bytes = __builtin_convertvector(rounded, Bytes<T, Count>);
  std::memcpy(to, &bytes, sizeof(bytes));
}

/// Makes the compiler round `value` to float here, so that it cannot fuse a product with a sum behind it.
template <class Vector>
inline void round_here(Vector& value) noexcept {
  if constexpr (sizeof(value) == sizeof(float)) {
    asm("" : "+m"(value));
  } else {
#if defined(__AVX512F__)
    asm("" : "+v"(value));
#elif defined(__x86_64__)
    asm("" : "+x"(value));
#elif defined(__aarch64__)
    asm("" : "+w"(value));
#else
    asm("" : "+m"(value));
#endif
  }
}

}  // namespace attar::detail
