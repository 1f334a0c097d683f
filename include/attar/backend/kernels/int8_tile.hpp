// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>

#include <attar/backend/int8_program.hpp>
#include <attar/backend/kernels/int8.hpp>
#include <attar/backend/kernels/int8_vector.hpp>
#include <attar/backend/kernels/vector.hpp>

namespace attar::detail {

/// The activations of `int8_program.hpp` as functions of vectors of y.
template <class Vector>
[[nodiscard]] inline Vector int8_clip(Vector y, float limit) noexcept {
  return at_most(at_least(y, Vector{}), Vector{} + limit);
}
template <class Vector>
[[nodiscard]] inline Vector int8_hard_swish(Vector y, float slope, float shift) noexcept {
  return y * int8_clip((y + shift) * slope, 1.0F);
}
/// In the form that conv2d and linear have.
template <class Vector>
[[nodiscard]] inline Vector int8_product_hard_swish(Vector y, float slope) noexcept {
  Vector gate = y * slope;
  round_here(gate);
  return y * int8_clip(gate + 0.5F, 1.0F);
}

/// The y of neighbouring channels of one pixel, which stay in the cache from the first product to the rounding. What
/// works on vectors takes `auto`, to be compiled only where it is called.
class Int8Tile {
 public:
  static constexpr std::size_t capacity = 512;

  explicit Int8Tile(std::size_t count) noexcept : count_{count} {}

  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  [[nodiscard]] const float* y() const noexcept { return y_.data(); }
  /// Calls `body(i, y, lanes)` for vectors of y, the first of which is number i, to set them.
  template <class Body>
  void set(Body&& body) noexcept {
    for_lanes(0, count_, [&]<int L>(std::size_t i, Lanes<L> lanes) {
      Floats<L> y{};
      body(i, y, lanes);
      detail::store(y_.data() + i, y, lanes);
    });
  }

  /// y = q * factor.
  void set(const auto* q, bool is_signed, float factor) noexcept {
    with_byte_type(is_signed, [&]<class From>(From) {
      set([&](std::size_t i, auto& y, auto lanes) { y = load_floats(as<From>(q) + i, lanes) * factor; });
    });
  }
  /// y = q * factor[i] + offset[i]; the product is exact.
  void set_affine(const auto* q, bool is_signed, const float* factor, const float* offset) noexcept {
    with_byte_type(is_signed, [&]<class From>(From) {
      set([&](std::size_t i, auto& y, auto lanes) {
        y = load_floats(as<From>(q) + i, lanes) * load(factor + i, lanes) + load(offset + i, lanes);
      });
    });
  }
  /// y += q * factor; the product is exact.
  void add(const auto* q, bool is_signed, float factor) noexcept {
    with_byte_type(is_signed, [&]<class From>(From) {
      change([&](std::size_t i, auto& y, auto lanes) { y += load_floats(as<From>(q) + i, lanes) * factor; });
    });
  }
  /// y += offset.
  void add(std::same_as<float> auto offset) noexcept {
    if (offset == 0) return;
    change([&](std::size_t, auto& y, auto) { y = int8_add(y, offset); });
  }
  /// The activation, and the result's zero point behind it.
  void activate(const auto& op) noexcept {
    if (op.activation == Int8Activation::clip) {
      change([&](std::size_t, auto& y, auto) { y = int8_clip(y, op.limit); });
    }
    if (op.activation == Int8Activation::hard_swish) {
      change([&](std::size_t, auto& y, auto) { y = int8_hard_swish(y, op.slope, op.shift); });
      add(op.result_zero);
    }
  }
  void store(bool is_signed, auto* to) const noexcept {
    with_byte_type(is_signed, [&]<class To>(To) {
      for_lanes(0, count_,
                [&](std::size_t i, auto lanes) { store_rounded(as<To>(to) + i, load(y_.data() + i, lanes), lanes); });
    });
  }
  void store_floats(float* to) const noexcept { std::copy_n(y_.begin(), count_, to); }

 private:
  /// Calls `body(i, y, lanes)` for vectors of y, to change them.
  template <class Body>
  void change(Body&& body) noexcept {
    for_lanes(0, count_, [&](std::size_t i, auto lanes) {
      auto y = load(y_.data() + i, lanes);
      body(i, y, lanes);
      detail::store(y_.data() + i, y, lanes);
    });
  }

  std::size_t count_;
  alignas(64) std::array<float, capacity> y_;
};

/// Calls `body(tile, row, channel)` for tiles that cover `rows` rows of `width` numbers.
template <class Body>
void for_tiles(std::size_t rows, std::size_t width, Body&& body) noexcept {
  for_chunks(rows, width, [&](std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end; ++row) {
      for (std::size_t channel = 0; channel < width; channel += Int8Tile::capacity) {
        Int8Tile tile{std::min(Int8Tile::capacity, width - channel)};
        body(tile, row, channel);
      }
    }
  });
}

}  // namespace attar::detail
