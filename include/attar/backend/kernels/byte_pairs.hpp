// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include <attar/backend/kernels/int8_pairs.hpp>
#include <attar/backend/kernels/vector.hpp>

/// Products of bytes whose sums fit 16 bits: exact while weights are narrow, where x86 has one instruction.
namespace attar::detail {

/// Whether the CPU has an instruction for `byte_pair_products` of native vectors.
#if defined(__AVX512BW__) || (defined(__AVX2__) && !defined(__AVX512F__)) || (defined(__SSSE3__) && !defined(__AVX__))
inline constexpr bool has_byte_pairs = true;
#else
inline constexpr bool has_byte_pairs = false;
#endif

/// Per lane the two 16-bit numbers u[0] * s[0] + u[1] * s[1] and u[2] * s[2] + u[3] * s[3], of the lane's four bytes,
/// unsigned ones in `u`, signed ones in `s`. The sums must fit.
template <int Count>
[[nodiscard, gnu::always_inline]] inline Pairs<Count> byte_pair_products(Ints<Count> u, Ints<Count> s) noexcept {
#if defined(__AVX512BW__)
  if constexpr (Count == 16) {
    return reinterpret_cast<Pairs<16>>(
        _mm512_maddubs_epi16(reinterpret_cast<__m512i>(u), reinterpret_cast<__m512i>(s)));
  }
#endif
#if defined(__AVX2__)
  if constexpr (Count == 8) {
    using Chars = VectorOf<char, 32>::Type;
    return reinterpret_cast<Pairs<8>>(
        __builtin_ia32_pmaddubsw256(reinterpret_cast<Chars>(u), reinterpret_cast<Chars>(s)));
  }
#endif
#if defined(__SSSE3__)
  if constexpr (Count == 4) {
    return reinterpret_cast<Pairs<4>>(
        __builtin_ia32_pmaddubsw128(reinterpret_cast<Characters>(u), reinterpret_cast<Characters>(s)));
  }
#endif
  const auto product = [&](int k) { return (u >> 8 * k & 255) * (s << (24 - 8 * k) >> 24); };
  return ((product(0) + product(1)) & 0xFFFF) | (product(2) + product(3)) << 16;
}

/// The sums of the 16-bit numbers of two, which must fit.
template <int Count>
[[nodiscard, gnu::always_inline]] inline Pairs<Count> sum_of_pairs(Pairs<Count> a, Pairs<Count> b) noexcept {
  using Halves = typename VectorOf<std::int16_t, 2 * Count>::Type;
  return reinterpret_cast<Pairs<Count>>(reinterpret_cast<Halves>(a) + reinterpret_cast<Halves>(b));
}

}  // namespace attar::detail
