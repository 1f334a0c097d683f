// SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>
#include <utility>

#include <attar/backend/kernels/vector.hpp>
#include <attar/layers/op.hpp>

namespace attar::detail {

/// The function `Function` of a vector of numbers; NaN stays NaN.
template <Activation Function, class Vector>
[[nodiscard]] inline Vector activate(Vector x) noexcept {
  const Vector zero{};
  const Vector six = zero + 6.0F;
  if constexpr (Function == Activation::relu) return at_least(x, zero);
  if constexpr (Function == Activation::relu6) return at_most(at_least(x, zero), six);
  if constexpr (Function == Activation::hard_swish) return x * at_most(at_least(x + 3.0F, zero), six) * (1.0F / 6.0F);
  if constexpr (Function == Activation::hard_sigmoid) return at_most(at_least(x + 3.0F, zero), six) * (1.0F / 6.0F);
  return x;
}

/// `gradient` times the derivative of `Function` at `x`. At a kink the derivative is that of the flat side, as in
/// PyTorch.
template <Activation Function, class Vector>
[[nodiscard]] inline Vector activation_gradient(Vector x, Vector gradient) noexcept {
  const Vector zero{};
  if constexpr (Function == Activation::relu) return x > zero ? gradient : zero;
  if constexpr (Function == Activation::relu6) return ((x > zero) & (x < zero + 6.0F)) ? gradient : zero;
  if constexpr (Function == Activation::hard_swish) {
    const Vector inside = gradient * (x * (1.0F / 3.0F) + 0.5F);
    return x <= zero - 3.0F ? zero : x >= zero + 3.0F ? gradient : inside;
  }
  if constexpr (Function == Activation::hard_sigmoid) {
    return ((x > zero - 3.0F) & (x < zero + 3.0F)) ? gradient * (1.0F / 6.0F) : zero;
  }
  return gradient;
}

template <Activation Function>
using ActivationConstant = std::integral_constant<Activation, Function>;

/// Calls `body` with the function as a constant, so that loops hold no branch.
template <class Body>
void with_activation(Activation function, Body&& body) {
  switch (function) {
    case Activation::none:
      return body(ActivationConstant<Activation::none>{});
    case Activation::relu:
      return body(ActivationConstant<Activation::relu>{});
    case Activation::relu6:
      return body(ActivationConstant<Activation::relu6>{});
    case Activation::hard_swish:
      return body(ActivationConstant<Activation::hard_swish>{});
    case Activation::hard_sigmoid:
      return body(ActivationConstant<Activation::hard_sigmoid>{});
  }
}

}  // namespace attar::detail
