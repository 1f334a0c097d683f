// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <attar/backend/embedded/tiling.hpp>
#include <attar/backend/kernels/int8_pairs.hpp>
#include <attar/backend/kernels/vector.hpp>

namespace attar::test {

/// `detail::Int8Dot` of a CPU that has no instruction for products of bytes, on any CPU.
struct PairDot {
  using Element = std::int16_t;
  using Weight = std::int16_t;
  static constexpr int group = 2;
  static constexpr int temporaries = 2;
  static constexpr int lanes = detail::native_lanes;
  static constexpr detail::TileLimits limits{.lanes = lanes, .sums = 12, .most_vectors = 2, .latency = 1};
  using Sum = detail::Ints<lanes>;
  using Factor = detail::Ints<lanes>;

  [[nodiscard]] static constexpr int shift(bool) noexcept { return 0; }
  [[nodiscard]] static constexpr std::size_t place(std::size_t lane, std::size_t k) noexcept {
    return lane * group + k;
  }
  [[nodiscard]] static Factor broadcast(const Element* image) noexcept {
    std::int32_t numbers;
    std::memcpy(&numbers, image, sizeof(numbers));
    return detail::splat<Factor>(numbers);
  }
  [[nodiscard]] static Sum add(Sum sum, Factor image, Factor weights) noexcept {
    return detail::add_pair_products(sum, image, weights, detail::Lanes<lanes>{});
  }
};

}  // namespace attar::test
