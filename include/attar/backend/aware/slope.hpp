// SPDX-License-Identifier: MIT
#pragma once

#include <limits>

#include <attar/backend/int8_program.hpp>
#include <attar/backend/kernels/int8_tile.hpp>
#include <attar/backend/kernels/vector.hpp>

/// The activations of an int8 operation with their derivatives, as functions of vectors of y, the result divided by its
/// scale. A derivative at a kink is that of the flat side, as everywhere in this library.
namespace attar::detail {

struct AwareIdentity {
  template <class Vector>
  [[nodiscard]] Vector value(Vector y) const noexcept {
    return y;
  }
  template <class Vector>
  [[nodiscard]] Vector gradient(Vector /*y*/, Vector g) const noexcept {
    return g;
  }
};

/// ReLU, ReLU6, and the hard sigmoid, which is a clip behind other multipliers.
struct AwareClip {
  float limit;
  float slope;

  template <class Vector>
  [[nodiscard]] Vector value(Vector y) const noexcept {
    return int8_clip(y, limit);
  }
  template <class Vector>
  [[nodiscard]] Vector gradient(Vector y, Vector g) const noexcept {
    const Vector risen = y > Vector{} ? g * slope : Vector{};
    return y < Vector{} + limit ? risen : Vector{};
  }
};

template <bool OfProduct>
struct AwareHardSwish {
  float slope;  ///< scale / 6
  float shift;  ///< 3 / scale

  template <class Vector>
  [[nodiscard]] Vector value(Vector y) const noexcept {
    if constexpr (OfProduct) {
      return int8_product_hard_swish(y, slope);
    } else {
      return int8_hard_swish(y, slope, shift);
    }
  }
  template <class Vector>
  [[nodiscard]] Vector gradient(Vector y, Vector g) const noexcept {
    const Vector inner = y < Vector{} + shift ? g * (y * (2 * slope) + 0.5F) : g;
    return y > Vector{} - shift ? inner : Vector{};
  }
};

/// Calls `body` with the activation of an operation.
template <class Body>
void with_aware_activation(const Int8Op& op, double scale, Body&& body) {
  switch (op.op.activation) {
    case Activation::none:
      return body(AwareIdentity{});
    case Activation::relu:
      return body(AwareClip{std::numeric_limits<float>::infinity(), 1});
    case Activation::relu6:
      return body(AwareClip{static_cast<float>(6 / scale), 1});
    case Activation::hard_sigmoid:
      return body(AwareClip{static_cast<float>(1 / scale), 1.0F / 6});
    case Activation::hard_swish:
      if (is_product(op.op)) {
        return body(AwareHardSwish<true>{op.slope, op.shift});
      }
      return body(AwareHardSwish<false>{op.slope, op.shift});
  }
}

}  // namespace attar::detail
