// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <attar/backend/int8_program.hpp>
#include <attar/backend/kernels/int8.hpp>

namespace attar::detail {

/// The y of neighbouring channels of one pixel, which stay in the cache from the first product to the rounding.
class Int8Tile {
 public:
  static constexpr std::size_t capacity = 512;

  explicit Int8Tile(std::size_t count) noexcept : count_{count} {}

  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  [[nodiscard]] float& operator[](std::size_t i) noexcept { return y_[i]; }

  /// y = q * factor.
  void set(const std::byte* q, bool is_signed, float factor) noexcept {
    with_byte_type(is_signed, [&]<class From>(From) {
      for (std::size_t i = 0; i < count_; ++i) y_[i] = static_cast<float>(as<From>(q)[i]) * factor;
    });
  }
  /// y = q * factor[i] + offset[i]; the product is exact.
  void set_affine(const std::byte* q, bool is_signed, const float* factor, const float* offset) noexcept {
    with_byte_type(is_signed, [&]<class From>(From) {
      for (std::size_t i = 0; i < count_; ++i) y_[i] = static_cast<float>(as<From>(q)[i]) * factor[i] + offset[i];
    });
  }
  /// y += q * factor; the product is exact.
  void add(const std::byte* q, bool is_signed, float factor) noexcept {
    with_byte_type(is_signed, [&]<class From>(From) {
      for (std::size_t i = 0; i < count_; ++i) y_[i] += static_cast<float>(as<From>(q)[i]) * factor;
    });
  }
  void add(float offset) noexcept {
    if (offset == 0) return;
    for (std::size_t i = 0; i < count_; ++i) y_[i] += offset;
  }
  /// y = float(sum) * factor[i] + offset[i], rounded twice.
  void set_affine(const std::int32_t* sums, const float* factor, const float* offset) noexcept {
    for (std::size_t i = 0; i < count_; ++i) y_[i] = static_cast<float>(sums[i]) * factor[i];
    round_here();
    for (std::size_t i = 0; i < count_; ++i) y_[i] += offset[i];
    round_here();
  }
  /// The activation in the form that conv2d and linear have.
  void activate_product(const Int8Op& op) noexcept {
    if (op.activation != Int8Activation::hard_swish) return activate(op);
    std::array<float, capacity> gate;
    for (std::size_t i = 0; i < count_; ++i) gate[i] = y_[i] * op.slope;
    asm volatile("" : : "r"(gate.data()) : "memory");
    for (std::size_t i = 0; i < count_; ++i) y_[i] *= std::min(std::max(gate[i] + 0.5F, 0.0F), 1.0F);
  }
  void activate(const Int8Op& op) noexcept {
    if (op.activation == Int8Activation::clip) {
      for (std::size_t i = 0; i < count_; ++i) y_[i] = std::min(std::max(y_[i], 0.0F), op.limit);
    }
    if (op.activation == Int8Activation::hard_swish) {
      for (std::size_t i = 0; i < count_; ++i) {
        y_[i] *= std::min(std::max((y_[i] + op.shift) * op.slope, 0.0F), 1.0F);
      }
    }
  }
  void store(bool is_signed, std::byte* to) const noexcept {
    with_byte_type(is_signed, [&]<class To>(To) {
      for (std::size_t i = 0; i < count_; ++i) as<To>(to)[i] = round_to<To>(y_[i]);
    });
  }

  void store_floats(float* to) const noexcept { std::copy_n(y_.begin(), count_, to); }

 private:
  /// Makes the compiler round y to float here, so that it cannot fuse a product with the sum behind it.
  void round_here() noexcept { asm volatile("" : : "r"(y_.data()) : "memory"); }

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
