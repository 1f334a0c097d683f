// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <attar/backend/reference/tensor.hpp>
#include <attar/layers/op.hpp>

namespace attar::detail::reference {

/// min(max(x, 0), limit); NaN stays NaN.
template <class Scalar>
[[nodiscard]] Scalar clip(Scalar x, Scalar limit) {
  if (x < Scalar{0}) return Scalar{0};
  if (x > limit) return limit;
  return x;
}

/// function(x).
template <class Scalar>
[[nodiscard]] Scalar activate(Activation function, Scalar x) {
  switch (function) {
    case Activation::none:
      return x;
    case Activation::relu:
      return x < Scalar{0} ? Scalar{0} : x;
    case Activation::relu6:
      return clip(x, Scalar{6});
    case Activation::hard_swish:
      return x * clip(x + Scalar{3}, Scalar{6}) / Scalar{6};
    case Activation::hard_sigmoid:
      return clip(x + Scalar{3}, Scalar{6}) / Scalar{6};
  }
  return x;
}

/// The derivative of `function` at x; at a kink that of the flat side, as in PyTorch.
template <class Scalar>
[[nodiscard]] Scalar derivative(Activation function, Scalar x) {
  switch (function) {
    case Activation::none:
      return 1;
    case Activation::relu:
      return x > 0 ? 1 : 0;
    case Activation::relu6:
      return x > 0 && x < 6 ? 1 : 0;
    case Activation::hard_swish:
      if (x <= -3) return 0;
      if (x >= 3) return 1;
      return (2 * x + 3) / 6;
    case Activation::hard_sigmoid:
      return x > -3 && x < 3 ? Scalar{1} / Scalar{6} : Scalar{0};
  }
  return 1;
}

/// What stands behind every operation: activation(result + residual). `residual` may be null.
template <class Scalar, class Storage>
[[nodiscard]] Tensor<Scalar> finish(const Op& op, Tensor<Scalar> result, const Storage* residual) {
  for (std::size_t i = 0; i < result.numbers.size(); ++i) {
    Scalar& number = result.numbers[i];
    if (residual != nullptr) number += static_cast<Scalar>(residual[i]);
    number = activate(op.activation, number);
  }
  return result;
}

/// The gradient in front of the activation. `seen` is where its derivative is taken: the operand of an activation
/// operation; elsewhere the output, for the derivatives of ReLU and ReLU6 are the same there.
template <class Scalar, class Storage>
[[nodiscard]] Tensor<Scalar> undo_activation(const Op& op, Tensor<Scalar> gradient, const Storage* seen) {
  for (std::size_t i = 0; i < gradient.numbers.size(); ++i) {
    gradient.numbers[i] *= derivative(op.activation, static_cast<Scalar>(seen[i]));
  }
  return gradient;
}

}  // namespace attar::detail::reference
