// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include <attar/backend/kernels/int8.hpp>
#include <attar/backend/kernels/int8_tile.hpp>
#include <attar/backend/kernels/int8_vector.hpp>
#include <attar/backend/kernels/vector.hpp>
#include <attar/layers/op.hpp>

namespace attar::detail {

/// Saturates, rounds and stores vectors of y that lie side by side, `Count` numbers of them.
template <class T, std::size_t Count, std::size_t Vectors>
[[gnu::always_inline]] inline void store_rounded_block(T* to, const Floats<native_lanes> (&y)[Vectors]) noexcept {
  constexpr Lanes<native_lanes> lanes{};
#if defined(__AVX2__) && !defined(__AVX512F__)
  if constexpr (Vectors == 2 && Count == 16) {
    // Saturation to bytes is what the packing does; only what no 32-bit integer holds must be bounded before.
    const auto integers = [&](std::size_t v) {
      return __builtin_ia32_cvtps2dq256(at_most(y[v], splat<Floats<8>>(65536.0F)));
    };
    const auto shorts = __builtin_ia32_packssdw256(integers(0), integers(1));
    const auto bytes = reinterpret_cast<Ints<4>>(pack_shorts<T>(
        __builtin_shufflevector(shorts, shorts, 0, 1, 2, 3, 4, 5, 6, 7), upper_half<Bytes<short, 8>>(shorts)));
    // The instructions pack halves apart. Order among four is cheaper to mend than among 32 bytes.
    const auto ordered = __builtin_shufflevector(bytes, bytes, 0, 2, 1, 3);
    std::memcpy(to, &ordered, sizeof(ordered));
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
#pragma GCC unroll 32
    for (std::size_t v = 0; v < Vectors; ++v) store_rounded(to + v * native_lanes, y[v], lanes);
  } else {
    T all[Vectors * native_lanes];
#pragma GCC unroll 32
    for (std::size_t v = 0; v < Vectors; ++v) store_rounded(all + v * native_lanes, y[v], lanes);
    std::memcpy(to, all, Count * sizeof(T));
  }
}

/// What follows the integer sums of a convolution or linear layer needs, but the activation (`int8_program.hpp`).
struct Int8Constants {
  std::size_t channels = 0;
  const float* multiplier = nullptr;  ///< Per channel, and room for a vector.
  const float* offset = nullptr;
  float residual_multiplier = 0;
  float limit = 0;
  float slope = 0;
  float result_zero = 0;
  bool signed_residual = false;
  bool signed_output = false;
};

/// Multiplier and offset, residual (if there is one), activation, rounding. What the architecture says of a function is
/// known to the compiler; layers of all shapes share it.
template <Activation Function, bool FloatOutput>
struct Int8Finish {
  Int8Constants constants;
  const std::byte* residual;  ///< Or null.
  std::byte* output;

  /// `sums` are those of `Count` channels, the first of them `channel`, of `pixels` pixels from number `pixel` on.
  template <std::size_t Count, std::size_t Vectors>
  [[gnu::noinline]] void put(const Ints<native_lanes> (*sums)[Vectors], std::size_t pixels, std::size_t pixel,
                             std::size_t channel) const noexcept {
    put_here<Count>(sums, pixels, pixel, channel);
  }
  /// The same, inlined.
  template <std::size_t Count, std::size_t Vectors>
  [[gnu::always_inline]] void put_here(const Ints<native_lanes> (*sums)[Vectors], std::size_t pixels, std::size_t pixel,
                                       std::size_t channel) const noexcept {
    constexpr Lanes<native_lanes> lanes{};
    using Vector = Floats<native_lanes>;
    const Int8Constants c = constants;  // A store of bytes might change what is in memory, as far as compilers know.
    const std::byte* const added = residual;
    std::byte* const to = output;
    Vector multiplier[Vectors];
    Vector offset[Vectors];
#pragma GCC unroll 32
    for (std::size_t v = 0; v < Vectors; ++v) {
      multiplier[v] = load(c.multiplier + channel + v * native_lanes, lanes);
      offset[v] = load(c.offset + channel + v * native_lanes, lanes);
    }
    for (std::size_t p = 0; p < pixels; ++p) {
      const std::size_t at = (pixel + p) * c.channels + channel;
      Vector y[Vectors];
#pragma GCC unroll 32
      for (std::size_t v = 0; v < Vectors; ++v) {
        Vector product = __builtin_convertvector(sums[p][v], Vector) * multiplier[v];
        round_here(product);
        y[v] = product + offset[v];
      }
      if (added != nullptr) add_residual<Count>(c, added + at, y);
      // Saturation to unsigned bytes is a ReLU.
      if (Function != Activation::relu || FloatOutput || c.signed_output) activate(c, y);
      if constexpr (FloatOutput) {
        std::memcpy(as<float>(to) + at, y, Count * sizeof(float));
      } else if (c.signed_output) {
        store_rounded_block<std::int8_t, Count>(as<std::int8_t>(to) + at, y);
      } else {
        store_rounded_block<std::uint8_t, Count>(as<std::uint8_t>(to) + at, y);
      }
    }
  }

 private:
  /// The product is exact.
  template <std::size_t Count, std::size_t Vectors>
  [[gnu::always_inline]] static void add_residual(const Int8Constants& c, const std::byte* from,
                                                  Floats<native_lanes> (&y)[Vectors]) noexcept {
    constexpr Lanes<native_lanes> lanes{};
    [[maybe_unused]] std::byte padded[Vectors * native_lanes];
    if constexpr (Count < Vectors * native_lanes) {
      std::memset(padded, 0, sizeof(padded));
      std::memcpy(padded, from, Count);
      from = padded;
    }
#pragma GCC unroll 32
    for (std::size_t v = 0; v < Vectors; ++v) {
      const std::byte* const q = from + v * native_lanes;
      y[v] += (c.signed_residual ? load_floats(as<std::int8_t>(q), lanes) : load_floats(as<std::uint8_t>(q), lanes)) *
              c.residual_multiplier;
    }
  }

  template <std::size_t Vectors>
  [[gnu::always_inline]] static void activate(const Int8Constants& c, Floats<native_lanes> (&y)[Vectors]) noexcept {
#pragma GCC unroll 32
    for (Floats<native_lanes>& numbers : y) {
      if constexpr (Function == Activation::hard_swish) {
        numbers = int8_product_hard_swish(numbers, c.slope);
        if (c.result_zero != 0) numbers = int8_add(numbers, c.result_zero);  // A branch costs less than to add zeros.
      }
      if constexpr (Function == Activation::relu) numbers = at_least(numbers, Floats<native_lanes>{});
      if constexpr (Function == Activation::relu6 || Function == Activation::hard_sigmoid) {
        numbers = int8_clip(numbers, c.limit);
      }
    }
  }
};

}  // namespace attar::detail
