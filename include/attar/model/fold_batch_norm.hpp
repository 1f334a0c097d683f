// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <type_traits>

#include <attar/detail/whole_range.hpp>
#include <attar/model/network.hpp>
#include <attar/model/transform.hpp>

namespace attar {

namespace detail {

struct FoldBatchNorm {
  template <class Layer, Place Where>
  struct Leaf {
    using type = Layer;
  };
  template <class Eps, class Share, Place Where>
    requires(Where.before == Kind::affine)
  struct Leaf<BatchNorm2dWith<Eps, Share>, Where> {
    using type = Identity;
  };
  template <int Outputs, class... Options, Place Where>
    requires(Where.after == Kind::norm && !Conv2d<Outputs, Options...>::bias)
  struct Leaf<Conv2d<Outputs, Options...>, Where> {
    using type = Conv2d<Outputs, Options..., Bias>;
  };
  template <class... Options, Place Where>
    requires(Where.after == Kind::norm && !DepthwiseConv2d<Options...>::bias)
  struct Leaf<DepthwiseConv2d<Options...>, Where> {
    using type = DepthwiseConv2d<Options..., Bias>;
  };
  template <int Outputs, class... Options, Place Where>
    requires(Where.after == Kind::norm)
  struct Leaf<Linear<Outputs, Options...>, Where> {
    using type = Linear<Outputs>;
  };
};

/// The tensors of a network and what they mean.
template <class Scalar>
struct Tensors {
  const Program& program;
  std::span<Scalar> buffer;

  [[nodiscard]] std::span<Scalar> operator[](int index) const {
    const Parameter& parameter = program.parameter(index);
    return buffer.subspan(parameter.offset, parameter.size);
  }
};

/// Multiplies the norm `norm` of `from` into the filters and the bias of the operation `into` of `to`.
template <class Scalar>
void fold_norm(const Tensors<const Scalar>& from, const Op& norm, const Tensors<Scalar>& to, const Op& into) {
  const std::span<Scalar> weight = to[into.weight];
  const std::span<Scalar> bias = to[into.bias];
  const std::size_t filter = weight.size() / bias.size();
  for (std::size_t channel = 0; channel < bias.size(); ++channel) {
    const auto at = [&](int tensor) { return static_cast<double>(from[tensor][channel]); };
    const double factor = at(norm.weight) / std::sqrt(at(norm.running_var) + norm.epsilon);
    for (Scalar& value : weight.subspan(channel * filter, filter)) {
      value = static_cast<Scalar>(static_cast<double>(value) * factor);
    }
    bias[channel] =
        static_cast<Scalar>((static_cast<double>(bias[channel]) - at(norm.running_mean)) * factor + at(norm.bias));
  }
}

/// Fills `to`, the folded form of `from`. Operations correspond by the path of their layer.
template <class Scalar>
void fold_norms(const Tensors<const Scalar>& from, const Tensors<Scalar>& to) {
  const auto copy = [&](int source, int target) {
    if (source >= 0) detail::copy(from[source], to[target].begin());
  };
  std::size_t done = 0;
  for (const Op& op : from.program.ops) {
    const auto path = [](const Program& program, const Op& of) {
      return program.rows[static_cast<std::size_t>(of.layer)].path.view();
    };
    if (done < to.program.ops.size() && path(from.program, op) == path(to.program, to.program.ops[done])) {
      const Op& same = to.program.ops[done++];
      copy(op.weight, same.weight);
      copy(op.bias, same.bias);
      copy(op.running_mean, same.running_mean);
      copy(op.running_var, same.running_var);
    } else {
      fold_norm(from, op, to, to.program.ops[done - 1]);
    }
  }
}

}  // namespace detail

/// `A` without the batch normalizations that directly follow a convolution or a linear layer, which gets a bias
/// instead. An identity stands in their place, so all other layers keep their names. A norm elsewhere (before the
/// convolution, as in DenseNet) stays.
template <Architecture A>
using fold_batch_norm_t = detail::transform_t<detail::FoldBatchNorm, A>;

/// The same function with fewer layers: the running statistics, scale and shift of each norm that follows a
/// convolution or linear layer are multiplied into its weights, in double. For inference; training it further would
/// train without these norms.
template <Architecture A, class Scalar>
[[nodiscard]] Network<fold_batch_norm_t<A>, Scalar> fold_batch_norm(const Network<A, Scalar>& network) {
  Network<fold_batch_norm_t<A>, Scalar> folded;
  detail::fold_norms<Scalar>({A::program, network.buffer()}, {folded.program, folded.buffer()});
  return folded;
}

}  // namespace attar
