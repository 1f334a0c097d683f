// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include <attar/backend/embedded/tile.hpp>
#include <attar/backend/int8_program.hpp>
#include <attar/backend/kernels/int8.hpp>
#include <attar/backend/kernels/int8_tile.hpp>
#include <attar/backend/kernels/int8_vector.hpp>
#include <attar/backend/kernels/vector.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/core/aligned_buffer.hpp>

namespace attar::detail {

/// Saturates, rounds and stores vectors of y that lie side by side, `Count` numbers of them.
template <class T, std::size_t Count, std::size_t Vectors>
[[gnu::always_inline]] inline void store_rounded_block(T* to,
                                                       const std::array<Floats<native_lanes>, Vectors>& y) noexcept {
  constexpr Lanes<native_lanes> lanes{};
#if defined(__AVX2__) && !defined(__AVX512F__)
  if constexpr (Vectors == 2 && Count == 16) {
    // Saturation to bytes is what the packing does; only what no 32-bit integer holds must be bounded before.
    const auto integers = [&](std::size_t v) {
      return _mm256_cvtps_epi32(_mm256_min_ps(_mm256_set1_ps(65536.0F), reinterpret_cast<__m256>(y[v])));
    };
    const __m256i shorts = _mm256_permute4x64_epi64(_mm256_packs_epi32(integers(0), integers(1)), 0xD8);
    const __m128i low = _mm256_castsi256_si128(shorts);
    const __m128i high = _mm256_extracti128_si256(shorts, 1);
    const __m128i bytes = std::is_signed_v<T> ? _mm_packs_epi16(low, high) : _mm_packus_epi16(low, high);
    std::memcpy(to, &bytes, sizeof(bytes));
    return;
  }
#endif
#if defined(__aarch64__)
  if constexpr (Vectors % 2 == 0 && Count == Vectors * native_lanes) {
    for (std::size_t v = 0; v < Vectors; v += 2) {
      const Bytes<T, 8> bytes = shorts_to_bytes<T>(round_to_shorts<T>(y[v]), round_to_shorts<T>(y[v + 1]));
      std::memcpy(to + v * native_lanes, &bytes, sizeof(bytes));
    }
    return;
  }
#endif
  if constexpr (Count == Vectors * native_lanes) {
    for_each_index<int{Vectors}>([&](auto v) { store_rounded(to + v * native_lanes, y[v], lanes); });
  } else {
    std::array<T, Vectors * native_lanes> all;
    for_each_index<int{Vectors}>([&](auto v) { store_rounded(all.data() + v * native_lanes, y[v], lanes); });
    std::memcpy(to, all.data(), Count * sizeof(T));
  }
}

/// What follows the integer sums of a convolution or linear layer (`int8_program.hpp`): multiplier and offset,
/// residual, activation, rounding. What the architecture says is known to the compiler. A value that lives in registers
/// while a step runs; `Int8Output` keeps what it points at.
template <Activation Function, bool HasResidual, bool FloatOutput>
struct Int8Finish {
  std::size_t channels = 0;
  const float* multiplier = nullptr;
  const float* offset = nullptr;
  const std::byte* residual = nullptr;
  std::byte* output = nullptr;
  float residual_multiplier = 0;
  float limit = 0;
  float slope = 0;
  bool signed_residual = false;
  bool signed_output = false;

  /// `sums` are those of `Count` channels of a pixel, the first of them `channel`.
  template <std::size_t Count, std::size_t Vectors>
  [[gnu::always_inline]] void operator()(const std::array<Ints<native_lanes>, Vectors>& sums, std::size_t pixel,
                                         std::size_t channel,
                                         std::integral_constant<std::size_t, Count>) const noexcept {
    constexpr Lanes<native_lanes> lanes{};
    using Vector = Floats<native_lanes>;
    const std::size_t at = pixel * channels + channel;
    std::array<Vector, Vectors> y;
    for_each_index<int{Vectors}>([&](auto v) {
      const std::size_t c = channel + v * native_lanes;
      Vector product = __builtin_convertvector(sums[v], Vector) * load(multiplier + c, lanes);
      round_here(product);
      y[v] = product + load(offset + c, lanes);
    });
    if constexpr (HasResidual) add_residual<Count>(residual + at, y);
    // Saturation to unsigned bytes is a ReLU.
    if (Function != Activation::relu || FloatOutput || signed_output) {
      for_each_index<int{Vectors}>([&](auto v) { y[v] = activated(y[v]); });
    }
    if constexpr (FloatOutput) {
      std::memcpy(as<float>(output) + at, y.data(), Count * sizeof(float));
    } else if (signed_output) {
      store_rounded_block<std::int8_t, Count>(as<std::int8_t>(output) + at, y);
    } else {
      store_rounded_block<std::uint8_t, Count>(as<std::uint8_t>(output) + at, y);
    }
  }

 private:
  /// The product is exact.
  template <std::size_t Count, std::size_t Vectors>
  [[gnu::always_inline]] void add_residual(const std::byte* from,
                                           std::array<Floats<native_lanes>, Vectors>& y) const noexcept {
    constexpr Lanes<native_lanes> lanes{};
    std::array<std::byte, Vectors * native_lanes> padded;
    if constexpr (Count < Vectors * native_lanes) {
      padded = {};
      std::memcpy(padded.data(), from, Count);
      from = padded.data();
    }
    for_each_index<int{Vectors}>([&](auto v) {
      const std::byte* q = from + v * native_lanes;
      y[v] += (signed_residual ? load_floats(as<std::int8_t>(q), lanes) : load_floats(as<std::uint8_t>(q), lanes)) *
              residual_multiplier;
    });
  }

  [[nodiscard]] Floats<native_lanes> activated(Floats<native_lanes> y) const noexcept {
    if constexpr (Function == Activation::hard_swish) return int8_product_hard_swish(y, slope);
    if constexpr (Function == Activation::relu) return at_least(y, Floats<native_lanes>{});
    if constexpr (Function == Activation::relu6 || Function == Activation::hard_sigmoid) return int8_clip(y, limit);
    return y;
  }
};

/// The constants of an `Int8Finish`, kept.
template <Activation Function, bool HasResidual, bool FloatOutput>
class Int8Output {
 public:
  /// `channels` is the room that constants per channel must have.
  Int8Output(const Int8Op& op, std::size_t channels)
      : multiplier_{channels},
        offset_{channels},
        constants_{.channels = static_cast<std::size_t>(op.out.channels),
                   .residual_multiplier = op.residual_multiplier,
                   .limit = op.activation == Int8Activation::clip ? op.limit : std::numeric_limits<float>::infinity(),
                   .slope = op.slope,
                   .signed_residual = op.signed_residual,
                   .signed_output = op.signed_output} {
    std::ranges::copy(op.multiplier, multiplier_.begin());
    std::ranges::copy(op.offset, offset_.begin());
  }

  [[nodiscard]] Int8Finish<Function, HasResidual, FloatOutput> at(const StepPointers& p) const noexcept {
    auto finish = constants_;
    finish.multiplier = multiplier_.data();
    finish.offset = offset_.data();
    finish.residual = p.residual;
    finish.output = p.output;
    return finish;
  }

 private:
  AlignedBuffer<float> multiplier_;
  AlignedBuffer<float> offset_;
  Int8Finish<Function, HasResidual, FloatOutput> constants_;
};

}  // namespace attar::detail
