// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include <attar/backend/embedded/tiling.hpp>
#include <attar/backend/kernels/int8_pairs.hpp>
#include <attar/backend/kernels/vector.hpp>

#if defined(__ARM_FEATURE_DOTPROD)
#include <arm_neon.h>
#endif

/// The multiply-and-add instruction that a product of matrices is made of: each lane of a vector of sums gains the
/// products of a few neighbouring numbers of the image, the same for all lanes, with as many weights of its own.
namespace attar::detail {

/// In float: one product per lane.
struct FloatDot {
  using Element = float;  ///< Of the image.
  using Weight = float;
  static constexpr int group = 1;        ///< Numbers that meet in a lane.
  static constexpr int temporaries = 1;  ///< Registers that an addition needs, beside sums and weights.
  static constexpr int lanes = native_lanes;
  static constexpr TileLimits limits{
      .lanes = lanes, .sums = many_registers ? 24 : 12, .most_vectors = many_registers ? 4 : 2, .latency = 4};
  using Sum = Floats<lanes>;
  using Factor = Floats<lanes>;

  /// The same number for all lanes.
  [[nodiscard]] static Factor broadcast(const Element* image) noexcept { return splat<Factor>(*image); }
  [[nodiscard]] static Sum add(Sum sum, Factor image, Factor weights) noexcept { return sum + image * weights; }
};

/// In bytes, exact. An element is a number of the image plus `shift(is_signed)`, for the instructions take bytes of one
/// sign only; what the shift adds to a sum is known beforehand, and taken off.
struct Int8Dot {
  static constexpr int lanes = native_lanes;
  static constexpr TileLimits limits{.lanes = lanes,
                                     .sums = many_registers ? 24 : 12,
                                     .most_vectors = lanes == 4 && many_registers ? 4 : 2,
                                     .latency = 1};
  using Sum = Ints<lanes>;
  using Factor = Ints<lanes>;  ///< `group` weights per lane.
  static constexpr int temporaries = 2;

#if defined(__AVX512VNNI__) || (defined(__AVXVNNI__) && !defined(__AVX512F__))
  using Element = std::uint8_t;
  using Weight = std::int8_t;
  static constexpr int group = 4;
  [[nodiscard]] static constexpr int shift(bool is_signed) noexcept { return is_signed ? 128 : 0; }
#elif defined(__ARM_FEATURE_DOTPROD)
  using Element = std::int8_t;
  using Weight = std::int8_t;
  static constexpr int group = 4;
  [[nodiscard]] static constexpr int shift(bool is_signed) noexcept { return is_signed ? 0 : -128; }
#else
  using Element = std::int16_t;
  using Weight = std::int16_t;
  static constexpr int group = 2;
  [[nodiscard]] static constexpr int shift(bool) noexcept { return 0; }
#endif

  /// The name of the instruction, for people.
  [[nodiscard]] static constexpr const char* name() noexcept {
#if defined(__AVX512VNNI__)
    return "vpdpbusd, 512 bits";
#elif defined(__AVXVNNI__) && !defined(__AVX512F__)
    return "vpdpbusd, 256 bits";
#elif defined(__ARM_FEATURE_DOTPROD)
    return "sdot";
#else
    return "16-bit pairs";
#endif
  }

  /// The same group of numbers for all lanes.
  [[nodiscard]] static Factor broadcast(const Element* image) noexcept {
    std::int32_t numbers;
    std::memcpy(&numbers, image, sizeof(numbers));
    return splat<Factor>(numbers);
  }
  [[nodiscard]] static Sum add(Sum sum, Factor image, Factor weights) noexcept {
#if defined(__AVX512VNNI__)
    return reinterpret_cast<Sum>(_mm512_dpbusd_epi32(reinterpret_cast<__m512i>(sum), reinterpret_cast<__m512i>(image),
                                                     reinterpret_cast<__m512i>(weights)));
#elif defined(__AVXVNNI__) && !defined(__AVX512F__)
    return reinterpret_cast<Sum>(_mm256_dpbusd_avx_epi32(
        reinterpret_cast<__m256i>(sum), reinterpret_cast<__m256i>(image), reinterpret_cast<__m256i>(weights)));
#elif defined(__ARM_FEATURE_DOTPROD)
    return reinterpret_cast<Sum>(vdotq_s32(reinterpret_cast<int32x4_t>(sum), reinterpret_cast<int8x16_t>(image),
                                           reinterpret_cast<int8x16_t>(weights)));
#else
    return add_pair_products(sum, image, weights, Lanes<lanes>{});
#endif
  }
};

}  // namespace attar::detail
