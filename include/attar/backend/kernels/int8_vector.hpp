// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include <attar/backend/kernels/vector.hpp>

#if defined(__AVX2__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

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
[[nodiscard]] inline Ints<Count> load_integers(const T* from, [[maybe_unused]] Lanes<Count> lanes) noexcept {
#if defined(__AVX2__)
  if constexpr (sizeof(T) == 1 && Count == 8) {
    const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
    return reinterpret_cast<Ints<8>>(std::is_signed_v<T> ? _mm256_cvtepi8_epi32(bytes) : _mm256_cvtepu8_epi32(bytes));
  }
#endif
  if constexpr (sizeof(T) == 1) {
    // In two steps, for which GCC knows the instructions.
    using Wider = std::conditional_t<std::is_signed_v<T>, std::int16_t, std::uint16_t>;
    const auto wider = __builtin_convertvector(load_bytes(from, lanes), Bytes<Wider, Count>);
    return __builtin_convertvector(wider, Ints<Count>);
  } else {
    return __builtin_convertvector(load_bytes(from, lanes), Ints<Count>);
  }
}
template <class T, int Count>
[[nodiscard]] inline Floats<Count> load_floats(const T* from, Lanes<Count> lanes) noexcept {
  return __builtin_convertvector(load_integers(from, lanes), Floats<Count>);
}

/// Stores integers that fit into bytes.
template <class T, int Count>
inline void store_bytes(T* to, Ints<Count> integers, Lanes<Count>) noexcept {
#if defined(__AVX2__)
  if constexpr (Count == 8) {  // GCC takes each number out by itself.
    const auto all = reinterpret_cast<__m256i>(integers);
    const __m128i shorts = _mm_packs_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
    const __m128i bytes = std::is_signed_v<T> ? _mm_packs_epi16(shorts, shorts) : _mm_packus_epi16(shorts, shorts);
    _mm_storel_epi64(reinterpret_cast<__m128i*>(to), bytes);
    return;
  }
  if constexpr (Count == 4) {
    const auto all = reinterpret_cast<__m128i>(integers);
    const __m128i shorts = _mm_packs_epi32(all, all);
    const __m128i bytes = std::is_signed_v<T> ? _mm_packs_epi16(shorts, shorts) : _mm_packus_epi16(shorts, shorts);
    const int four = _mm_cvtsi128_si32(bytes);
    std::memcpy(to, &four, sizeof(four));
    return;
  }
#endif
  const Bytes<T, Count> bytes = __builtin_convertvector(integers, Bytes<T, Count>);
  std::memcpy(to, &bytes, sizeof(bytes));
}

#if defined(__aarch64__)
/// y rounded to nearest, ties to even, and saturated, first as shorts, then as bytes. NaN is 0 to the conversion.
template <class T>
[[nodiscard]] inline int16x4_t round_to_shorts(Floats<4> y) noexcept {
  auto numbers = reinterpret_cast<float32x4_t>(y);
  if constexpr (std::is_signed_v<T>) numbers = vmaxnmq_f32(numbers, vdupq_n_f32(-128.0F));
  return vqmovn_s32(vcvtnq_s32_f32(numbers));
}
template <class T>
[[nodiscard]] inline Bytes<T, 8> shorts_to_bytes(int16x4_t low, int16x4_t high) noexcept {
  const int16x8_t shorts = vcombine_s16(low, high);
  if constexpr (std::is_signed_v<T>) {
    return reinterpret_cast<Bytes<T, 8>>(vqmovn_s16(shorts));
  } else {
    return reinterpret_cast<Bytes<T, 8>>(vqmovun_s16(shorts));
  }
}
#endif

/// Saturates y, rounds it to nearest, ties to even, and stores it; NaN gives the lowest value.
template <class T, int Count>
inline void store_rounded(T* to, Floats<Count> y, Lanes<Count> lanes) noexcept {
  constexpr bool is_signed = std::is_signed_v<T>;
#if defined(__aarch64__)
  if constexpr (Count == 4) {
    const int16x4_t shorts = round_to_shorts<T>(y);
    const Bytes<T, 8> bytes = shorts_to_bytes<T>(shorts, shorts);
    std::memcpy(to, &bytes, 4);
    return;
  }
#endif
  constexpr float magic = 12582912.0F;  // 1.5 * 2^23: the lowest bit of the sum's fraction counts ones.
  constexpr std::int32_t magic_bits = 0x4B400000;
  const Floats<Count> low = Floats<Count>{} - (is_signed ? 128.0F : 0.0F);
  const Floats<Count> high = Floats<Count>{} + (is_signed ? 127.0F : 255.0F);
  const Floats<Count> above = y > low ? y : low;
  const Floats<Count> bounded = above < high ? above : high;
  const Ints<Count> rounded = reinterpret_cast<Ints<Count>>(bounded + magic) - magic_bits;
  store_bytes(to, rounded, lanes);
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
