// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include <attar/core/dtype.hpp>

// Instructions up to AVX2 are called by names that GCC and Clang have built in: <immintrin.h> is long to compile. Those
// of AVX-512 the two know by different names.
#if defined(__AVX512F__) || defined(__AVXVNNI__)
#include <immintrin.h>
#endif

/// Short vectors of floats for the portable kernels, on the vector extension that GCC and Clang share. Values are kept
/// in memory as float or bf16; arithmetic is always done in float.
namespace attar::detail {

/// The number of floats in the widest register of the target.
#if defined(__AVX512F__)
inline constexpr int native_lanes = 16;
#elif defined(__AVX__)
inline constexpr int native_lanes = 8;
#else
inline constexpr int native_lanes = 4;
#endif

/// A number of lanes as an argument.
template <int Count>
using Lanes = std::integral_constant<int, Count>;

template <class Element, int Count>
struct VectorOf {
  typedef Element Type __attribute__((vector_size(sizeof(Element) * Count)));
};
template <int Count>
using Floats = typename VectorOf<float, Count>::Type;
template <int Count>
using Ints = typename VectorOf<std::int32_t, Count>::Type;
template <int Count>
using Bits = typename VectorOf<std::uint32_t, Count>::Type;
template <int Count>
using Shorts = typename VectorOf<std::uint16_t, Count>::Type;
/// The type of bytes that instructions are declared with.
using Characters = VectorOf<char, 16>::Type;

template <int Count>
[[nodiscard]] inline Floats<Count> load(const float* from, Lanes<Count>) noexcept {
  Floats<Count> result;
  std::memcpy(&result, from, sizeof(result));
  return result;
}

template <int Count>
[[nodiscard]] inline Floats<Count> load(const bf16* from, Lanes<Count>) noexcept {
  Shorts<Count> upper;
  std::memcpy(&upper, from, sizeof(upper));
  return reinterpret_cast<Floats<Count>>(__builtin_convertvector(upper, Bits<Count>) << 16);
}

template <int Count>
inline void store(float* to, Floats<Count> value, Lanes<Count>) noexcept {
  std::memcpy(to, &value, sizeof(value));
}

/// Rounds to nearest, ties to even, without a branch; NaN stays NaN.
template <int Count>
inline void store(bf16* to, Floats<Count> value, Lanes<Count>) noexcept {
  const auto bits = reinterpret_cast<Bits<Count>>(value);
  const Bits<Count> upper = bits >> 16;
  const Bits<Count> rounded = (bits + (upper & 1U) + 0x7FFFU) >> 16;
  const Shorts<Count> result = __builtin_convertvector(value == value ? rounded : (upper | 0x40U), Shorts<Count>);
  std::memcpy(static_cast<void*>(to), &result, sizeof(result));
}

#if defined(__AVX512F__)
// GCC makes five instructions of the general form where the processor has one. (The masked form, because GCC 12 warns
// of uninitialized memory in the plain one; it compiles to the same.)
[[nodiscard]] inline Floats<16> load(const bf16* from, Lanes<16>) noexcept {
  const __m256i upper = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  const __m512i wide = _mm512_maskz_cvtepu16_epi32(static_cast<__mmask16>(-1), upper);
  return reinterpret_cast<Floats<16>>(reinterpret_cast<Bits<16>>(wide) << 16);
}
#endif
#if defined(__AVX512BF16__)
/// Numbers too small to be normal become zero here.
inline void store(bf16* to, Floats<16> value, Lanes<16>) noexcept {
  const __m256bh result = _mm512_cvtneps_pbh(reinterpret_cast<__m512>(value));
  std::memcpy(static_cast<void*>(to), &result, sizeof(result));
}
#endif

/// Stores `value`, or adds it to what is there.
template <class Storage, int Count>
inline void put(Storage* to, Floats<Count> value, bool accumulate, Lanes<Count> lanes) noexcept {
  if (accumulate) value += load(to, lanes);
  store(to, value, lanes);
}

/// A vector of the same number in all lanes.
template <class Vector, class Number>
[[nodiscard, gnu::always_inline]] inline Vector splat(Number number) noexcept {
  constexpr std::size_t count = sizeof(Vector) / sizeof(Number);
  return [&]<std::size_t... I>(std::index_sequence<I...>)
             __attribute__((always_inline)) { return Vector{((void)I, number)...}; }(std::make_index_sequence<count>{});
}

/// The smaller and the larger of two; NaN in `value` stays NaN.
template <class Vector>
[[nodiscard]] inline Vector at_most(Vector value, Vector limit) noexcept {
  return value > limit ? limit : value;
}
template <class Vector>
[[nodiscard]] inline Vector at_least(Vector value, Vector limit) noexcept {
  return value < limit ? limit : value;
}
#if defined(__AVX__)
// One instruction each, which GCC does not see.
[[nodiscard]] inline Floats<8> at_most(Floats<8> value, Floats<8> limit) noexcept {
  return __builtin_ia32_minps256(limit, value);
}
[[nodiscard]] inline Floats<8> at_least(Floats<8> value, Floats<8> limit) noexcept {
  return __builtin_ia32_maxps256(limit, value);
}
#endif
#if defined(__AVX512F__)
[[nodiscard]] inline Floats<16> at_most(Floats<16> value, Floats<16> limit) noexcept {
  return reinterpret_cast<Floats<16>>(_mm512_min_ps(reinterpret_cast<__m512>(limit), reinterpret_cast<__m512>(value)));
}
[[nodiscard]] inline Floats<16> at_least(Floats<16> value, Floats<16> limit) noexcept {
  return reinterpret_cast<Floats<16>>(_mm512_max_ps(reinterpret_cast<__m512>(limit), reinterpret_cast<__m512>(value)));
}
#endif

/// Calls `body(i, Lanes<L>)` for pieces that cover [begin, end) in order: the widest vectors first, then narrower ones.
template <class Body>
inline void for_lanes(std::size_t begin, std::size_t end, Body&& body) {
  const auto run = [&]<int Count>(Lanes<Count> lanes) {
    for (; begin + Count <= end; begin += Count) body(begin, lanes);
  };
  if constexpr (native_lanes >= 16) run(Lanes<16>{});
  if constexpr (native_lanes >= 8) run(Lanes<8>{});
  run(Lanes<4>{});
  run(Lanes<1>{});
}

}  // namespace attar::detail
