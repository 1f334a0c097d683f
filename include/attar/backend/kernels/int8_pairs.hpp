// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include <attar/backend/kernels/micro_product.hpp>
#include <attar/backend/kernels/vector.hpp>

#if defined(__ARM_NEON)
#include <arm_neon.h>
#endif

/// Exact products of 8-bit numbers on every CPU: kept as 16-bit numbers, they are multiplied and added two at a time
/// into 32-bit sums, for which x86 has one instruction.
namespace attar::detail {

/// Pairs of 16-bit numbers, one pair per lane.
template <int Count>
using Pairs = Ints<Count>;

template <int Count>
[[nodiscard]] inline Pairs<Count> load_pairs(const std::int16_t* from, Lanes<Count>) noexcept {
  Pairs<Count> pairs;
  std::memcpy(&pairs, from, sizeof(pairs));
  return pairs;
}

/// The sum of two, modulo 2^32.
template <int Count>
[[nodiscard]] inline Ints<Count> wrapping_sum(Ints<Count> a, Ints<Count> b) noexcept {
  return reinterpret_cast<Ints<Count>>(reinterpret_cast<Bits<Count>>(a) + reinterpret_cast<Bits<Count>>(b));
}

/// sum[lane] + left[lane][0] * right[lane][0] + left[lane][1] * right[lane][1], modulo 2^32.
template <int Count>
[[nodiscard]] inline Ints<Count> add_pair_products(Ints<Count> sum, Pairs<Count> left, Pairs<Count> right,
                                                   Lanes<Count>) noexcept {
#if defined(__AVX512VNNI__)
  if constexpr (Count == 16) {
    return reinterpret_cast<Ints<16>>(_mm512_dpwssd_epi32(
        reinterpret_cast<__m512i>(sum), reinterpret_cast<__m512i>(left), reinterpret_cast<__m512i>(right)));
  }
#elif defined(__AVX512BW__)
  if constexpr (Count == 16) {
    return wrapping_sum<16>(sum, reinterpret_cast<Ints<16>>(_mm512_madd_epi16(reinterpret_cast<__m512i>(left),
                                                                              reinterpret_cast<__m512i>(right))));
  }
#endif
#if defined(__AVX2__)
  if constexpr (Count == 8) {
    using Halves = VectorOf<short, 16>::Type;
    return wrapping_sum<8>(sum,
                           __builtin_ia32_pmaddwd256(reinterpret_cast<Halves>(left), reinterpret_cast<Halves>(right)));
  }
#endif
#if defined(__SSE2__)
  if constexpr (Count == 4) {
    using Halves = VectorOf<short, 8>::Type;
    return wrapping_sum<4>(sum,
                           __builtin_ia32_pmaddwd128(reinterpret_cast<Halves>(left), reinterpret_cast<Halves>(right)));
  }
#endif
#if defined(__ARM_NEON)
  if constexpr (Count == 4) {
    const auto l = reinterpret_cast<int16x8_t>(left);
    const auto r = reinterpret_cast<int16x8_t>(right);
    const int32x4_t low = vmull_s16(vget_low_s16(l), vget_low_s16(r));
    const int32x4_t high = vmull_s16(vget_high_s16(l), vget_high_s16(r));
#if defined(__aarch64__)
    return wrapping_sum<4>(sum, reinterpret_cast<Ints<4>>(vpaddq_s32(low, high)));
#else
    return wrapping_sum<4>(sum,
                           reinterpret_cast<Ints<4>>(vcombine_s32(vpadd_s32(vget_low_s32(low), vget_high_s32(low)),
                                                                  vpadd_s32(vget_low_s32(high), vget_high_s32(high)))));
#endif
  }
#endif
  // The lower and the upper half of each lane.
  const Ints<Count> low = (left << 16 >> 16) * (right << 16 >> 16);
  return wrapping_sum<Count>(wrapping_sum<Count>(sum, low), (left >> 16) * (right >> 16));
}

/// A window as it lies in memory: parts of `2 * pairs` numbers each, that begin at `offsets` from its first number.
struct PairWindow {
  const std::size_t* offsets = nullptr;
  std::size_t parts = 0;
  std::size_t pairs = 0;
};

/// The products of the windows of `Pixels` pixels, the first of which begins at `first` and each next one `step`
/// numbers later, with packed weights: for each part, pair and vector one native vector of pairs. Gives the sums of
/// `Vectors` native vectors of outputs for each pixel.
template <int Pixels, int Vectors>
[[gnu::flatten, gnu::noinline]] inline void pair_products(const PairWindow& window, const std::int16_t* first,
                                                          std::size_t step, const std::int16_t* weights,
                                                          std::int32_t* result) noexcept {
  constexpr Lanes<native_lanes> lanes{};
  const auto each = []<std::size_t... I>(std::index_sequence<I...>, auto&& body) { (body(I), ...); };
  constexpr std::make_index_sequence<Pixels> pixels;
  constexpr std::make_index_sequence<Vectors> vectors;
  std::array<std::array<Ints<native_lanes>, Vectors>, Pixels> sums{};
  for (std::size_t part = 0; part < window.parts; ++part) {
    const std::int16_t* at = first + window.offsets[part];
    // A pointer to every fourth pixel: an address is one of them plus 0 to 3 steps, which spares registers.
    std::array<const std::int16_t*, (Pixels + 3) / 4> groups;
    for (std::size_t g = 0; g < groups.size(); ++g) groups[g] = at + 4 * g * step;
    for (std::size_t pair = 0; pair < window.pairs; ++pair) {
      std::array<Pairs<native_lanes>, Vectors> right;
      each(vectors, [&](std::size_t v) {
        right[v] = load_pairs(weights + 2 * v * native_lanes, lanes);
        keep_in_register(right[v]);
      });
      each(pixels, [&](std::size_t p) {
        std::int32_t numbers;
        std::memcpy(&numbers, groups[p / 4] + p % 4 * step, sizeof(numbers));
        const Pairs<native_lanes> left = splat<Pairs<native_lanes>>(numbers);
        each(vectors, [&](std::size_t v) { sums[p][v] = add_pair_products(sums[p][v], left, right[v], lanes); });
      });
      for (const std::int16_t*& group : groups) group += 2;
      weights += 2 * Vectors * native_lanes;
    }
  }
  each(pixels, [&](std::size_t p) {
    each(vectors, [&](std::size_t v) {
      std::memcpy(result + (p * Vectors + v) * native_lanes, &sums[p][v], sizeof(sums[p][v]));
    });
  });
}

}  // namespace attar::detail
