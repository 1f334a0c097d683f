// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include <attar/backend/embedded/dot.hpp>
#include <attar/backend/embedded/tiling.hpp>
#include <attar/backend/kernels/byte_pairs.hpp>
#include <attar/backend/kernels/int8_pairs.hpp>
#include <attar/backend/kernels/micro_product.hpp>
#include <attar/backend/kernels/vector.hpp>

namespace attar::detail {

/// Whether narrow weights are worth kernels of their own: where `Int8Dot` takes 16-bit numbers, half as many at once,
/// and the CPU multiplies bytes.
inline constexpr bool has_narrow_dot = Int8Dot::group == 2 && has_byte_pairs;

/// How many times four products of u8 with weights up to `weight_limit` are added up in 16 bits, two and two; 0 if even
/// two products overflow.
[[nodiscard]] constexpr int narrow_groups(int weight_limit) {
  const int pairs = 32767 / (2 * 255 * weight_limit);
  return pairs < 2 ? pairs : 2;  // More save little, and need more registers.
}

/// `Groups` vectors of four bytes per lane.
template <int Groups>
struct NarrowFactor {
  Ints<native_lanes> groups[Groups];
};
template <int Groups>
[[gnu::always_inline]] inline void keep_in_register(NarrowFactor<Groups>& factor) noexcept {
#pragma GCC unroll 2
  for (Ints<native_lanes>& group : factor.groups) keep_in_register(group);
}

/// Products of bytes with narrow weights: of `Groups` times four numbers per lane, exact while the weights are so small
/// that the sums fit 16 bits. An element is a number of the image plus `shift(is_signed)`, as that of `Int8Dot`.
template <int Groups>
struct NarrowDot {
  using Element = std::uint8_t;
  using Weight = std::int8_t;
  static constexpr int lanes = native_lanes;
  static constexpr int group = 4 * Groups;
  static constexpr int temporaries = 3;
  static constexpr TileLimits limits{.lanes = lanes, .sums = many_registers ? 24 : 10, .most_vectors = 2, .latency = 1};
  using Sum = Ints<lanes>;
  using Factor = NarrowFactor<Groups>;

  [[nodiscard]] static constexpr int shift(bool is_signed) noexcept { return is_signed ? 128 : 0; }
  [[nodiscard]] static std::string name() {
    return Groups == 1 ? "byte pairs" : std::to_string(Groups) + " byte pairs at once";
  }
  [[nodiscard]] static constexpr std::size_t place(std::size_t lane, std::size_t k) noexcept {
    return k / 4 * 4 * lanes + 4 * lane + k % 4;
  }

  [[nodiscard, gnu::always_inline]] static Factor broadcast(const Element* image) noexcept {
    Factor factor;
#pragma GCC unroll 2
    for (int i = 0; i < Groups; ++i) {
      std::int32_t numbers;
      std::memcpy(&numbers, image + 4 * i, sizeof(numbers));
      factor.groups[i] = splat<Ints<lanes>>(numbers);
    }
    return factor;
  }
  [[nodiscard, gnu::always_inline]] static Factor widen(const Weight* weights) noexcept {
    Factor factor;
#pragma GCC unroll 2
    for (int i = 0; i < Groups; ++i) std::memcpy(&factor.groups[i], weights + 4 * lanes * i, 4 * lanes);
    return factor;
  }
  [[nodiscard, gnu::always_inline]] static Sum add(Sum sum, const Factor& image, const Factor& weights) noexcept {
    Pairs<lanes> pairs = byte_pair_products<lanes>(image.groups[0], weights.groups[0]);
#pragma GCC unroll 2
    for (int i = 1; i < Groups; ++i) {
      pairs = sum_of_pairs<lanes>(pairs, byte_pair_products<lanes>(image.groups[i], weights.groups[i]));
    }
    const auto ones = splat<Pairs<lanes>>(std::int32_t{0x10001});  // Two of 16 bits.
    return add_pair_products(sum, pairs, ones, Lanes<lanes>{});
  }
};

/// Calls `body` with the `NarrowDot` for weights up to `weight_limit`, for which there must be one.
template <class Body>
constexpr decltype(auto) with_narrow_dot(int weight_limit, const Body& body) {
  return narrow_groups(weight_limit) == 1 ? body(NarrowDot<1>{}) : body(NarrowDot<2>{});
}

}  // namespace attar::detail
