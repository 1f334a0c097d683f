// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include <attar/backend/kernels/micro_product.hpp>
#include <attar/backend/kernels/vector.hpp>

#if defined(__SSE2__)
#include <immintrin.h>
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

/// sum[lane] + left[0] * right[lane][0] + left[1] * right[lane][1]; `left` is a pair as it lies in memory.
template <int Count>
[[nodiscard]] inline Ints<Count> add_pair_products(Ints<Count> sum, std::int32_t left, Pairs<Count> right,
                                                   Lanes<Count>) noexcept {
#if defined(__AVX512VNNI__)
  if constexpr (Count == 16) {
    return reinterpret_cast<Ints<16>>(
        _mm512_dpwssd_epi32(reinterpret_cast<__m512i>(sum), _mm512_set1_epi32(left), reinterpret_cast<__m512i>(right)));
  }
#elif defined(__AVX512BW__)
  if constexpr (Count == 16) {
    return sum +
           reinterpret_cast<Ints<16>>(_mm512_madd_epi16(_mm512_set1_epi32(left), reinterpret_cast<__m512i>(right)));
  }
#endif
#if defined(__AVX2__)
  if constexpr (Count == 8) {
    return sum +
           reinterpret_cast<Ints<8>>(_mm256_madd_epi16(_mm256_set1_epi32(left), reinterpret_cast<__m256i>(right)));
  }
#endif
#if defined(__SSE2__)
  if constexpr (Count == 4) {
    return sum + reinterpret_cast<Ints<4>>(_mm_madd_epi16(_mm_set1_epi32(left), reinterpret_cast<__m128i>(right)));
  }
#endif
  std::array<std::int16_t, 2> numbers;
  std::memcpy(numbers.data(), &left, sizeof(left));
  std::array<std::int16_t, 2 * std::size_t{Count}> others;
  std::memcpy(others.data(), &right, sizeof(right));
  for (std::size_t lane = 0; lane < std::size_t{Count}; ++lane) {
    sum[lane] += std::int32_t{numbers[0]} * others[2 * lane] + std::int32_t{numbers[1]} * others[2 * lane + 1];
  }
  return sum;
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
        std::int32_t left;
        std::memcpy(&left, groups[p / 4] + p % 4 * step, sizeof(left));
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
