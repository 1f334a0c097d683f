// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include <attar/backend/embedded/tiling.hpp>
#include <attar/backend/kernels/int8_pairs.hpp>
#include <attar/backend/kernels/int8_vector.hpp>
#include <attar/backend/kernels/vector.hpp>

#if defined(__ARM_NEON)
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

  /// Where number `k` of a lane lies in a vector of weights.
  [[nodiscard]] static constexpr std::size_t place(std::size_t lane, std::size_t) noexcept { return lane; }
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
                                     .latency = 1,
#if defined(__ARM_FEATURE_DOTPROD)
                                     .costly_broadcast = true
#endif
  };
  using Sum = Ints<lanes>;
  using Factor = Ints<lanes>;  ///< `group` weights per lane.
  static constexpr int temporaries = 2;

#if defined(__AVX512VNNI__) || (defined(__AVXVNNI__) && !defined(__AVX512F__))
  using Element = std::uint8_t;
  using Weight = std::int8_t;
  static constexpr int group = 4;
  [[nodiscard]] static constexpr int shift(bool is_signed) noexcept { return is_signed ? 128 : 0; }
#elif defined(__ARM_NEON)
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
#elif defined(__ARM_NEON)
    return "smull, smlal, sadalp";
#else
    return "16-bit pairs";
#endif
  }

  /// Where number `k` of a lane lies in a vector of weights.
  [[nodiscard]] static constexpr std::size_t place(std::size_t lane, std::size_t k) noexcept {
#if defined(__ARM_NEON) && !defined(__ARM_FEATURE_DOTPROD)
    return k / 2 * 2 * lanes + 2 * lane + k % 2;  // The first pairs of all lanes, then the second ones.
#else
    return lane * group + k;
#endif
  }

  /// The same group of numbers for all lanes.
  [[nodiscard]] static Factor broadcast(const Element* image) noexcept {
    std::int32_t numbers;
    std::memcpy(&numbers, image, sizeof(numbers));
    const auto all = splat<Factor>(numbers);
#if !defined(__ARM_NEON) || defined(__ARM_FEATURE_DOTPROD)
    return all;
#elif defined(__aarch64__)
    constexpr uint8x16_t order{0, 1, 0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3, 2, 3};
    return reinterpret_cast<Factor>(vqtbl1q_s8(reinterpret_cast<int8x16_t>(all), order));
#else
    const auto pairs = reinterpret_cast<int16x8_t>(all);
    const int16x4x2_t apart = vuzp_s16(vget_low_s16(pairs), vget_high_s16(pairs));
    return reinterpret_cast<Factor>(vcombine_s16(apart.val[0], apart.val[1]));
#endif
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
#elif defined(__ARM_NEON)
    // Two products fit into 16 bits, since no weight is -128.
    const auto left = reinterpret_cast<int8x16_t>(image);
    const auto right = reinterpret_cast<int8x16_t>(weights);
    const int16x8_t first = vmull_s8(vget_low_s8(left), vget_low_s8(right));
#if defined(__aarch64__)
    const int16x8_t both = vmlal_high_s8(first, left, right);
#else
    const int16x8_t both = vmlal_s8(first, vget_high_s8(left), vget_high_s8(right));
#endif
    return reinterpret_cast<Sum>(vpadalq_s16(reinterpret_cast<int32x4_t>(sum), both));
#else
    return add_pair_products(sum, image, weights, Lanes<lanes>{});
#endif
  }
};

#if defined(__ARM_NEON) && !defined(__ARM_FEATURE_DOTPROD)
/// The same for a depthwise convolution, whose lanes have numbers of their own: one 16-bit product per lane, which
/// needs no neighbours.
struct Int8LaneDot {
  using Element = std::int16_t;
  using Weight = std::int16_t;
  static constexpr int group = 1;
  static constexpr int lanes = native_lanes;
  static constexpr TileLimits limits = Int8Dot::limits;
  using Sum = Ints<lanes>;
  using Factor = VectorOf<std::int16_t, lanes>::Type;
  [[nodiscard]] static constexpr int shift(bool) noexcept { return 0; }
  [[nodiscard]] static constexpr const char* name() noexcept { return "smlal"; }

  [[nodiscard]] static Sum add(Sum sum, Factor image, Factor weights) noexcept {
    return reinterpret_cast<Sum>(vmlal_s16(reinterpret_cast<int32x4_t>(sum), reinterpret_cast<int16x4_t>(image),
                                           reinterpret_cast<int16x4_t>(weights)));
  }
};
#elif defined(__ARM_NEON) || defined(__AVX512VNNI__) || defined(__AVXVNNI__)
using Int8LaneDot = Int8Dot;
#else
/// The same for a depthwise convolution, whose lanes have numbers of their own: bytes, which are widened in registers,
/// and one product per lane. Pairs would take half the instructions but for those that put them together.
struct Int8LaneDot {
  using Element = std::uint8_t;
  using Weight = std::int32_t;
  static constexpr int group = 1;
  static constexpr int lanes = native_lanes;
  static constexpr TileLimits limits = Int8Dot::limits;
  using Sum = Ints<lanes>;
  using Factor = Ints<lanes>;
  [[nodiscard]] static constexpr int shift(bool is_signed) noexcept { return is_signed ? 128 : 0; }
  [[nodiscard]] static constexpr const char* name() noexcept { return "16-bit products"; }

  [[nodiscard]] static Factor widen(const Element* image) noexcept { return load_integers(image, Lanes<lanes>{}); }
  [[nodiscard]] static Sum add(Sum sum, Factor image, Factor weights) noexcept {
#if defined(__SSE2__)
    return add_pair_products(sum, image, weights, Lanes<lanes>{});  // The upper numbers of the image are 0.
#else
    return wrapping_sum<lanes>(sum, image * weights);
#endif
  }
};
#endif

}  // namespace attar::detail
