// SPDX-License-Identifier: MIT
#pragma once

#include <attar/model/network.hpp>
#include <attar/prune/channels.hpp>
#include <attar/prune/criteria/activations.hpp>
#include <attar/prune/criteria/geometric_median.hpp>
#include <attar/prune/criteria/gradients.hpp>
#include <attar/prune/criteria/lamp.hpp>
#include <attar/prune/criteria/movement.hpp>
#include <attar/prune/criteria/norm_scale.hpp>
#include <attar/prune/criteria/norms.hpp>
#include <attar/prune/criteria/random.hpp>
#include <attar/prune/evidence.hpp>
#include <attar/prune/scope.hpp>
#include <attar/prune/weights.hpp>

namespace attar {

namespace detail {

template <class Policy>
inline constexpr bool is_pruning_policy = false;
template <class Criterion, class Share, class Rounding>
inline constexpr bool is_pruning_policy<Channels<Criterion, Share, Rounding>> = true;
template <class Criterion, class... Options>
inline constexpr bool is_pruning_policy<Weights<Criterion, Options...>> = true;

}  // namespace detail

/// A smaller or sparser version of a trained network, to be fine-tuned; the network itself is not changed.
///
/// - `Channels<L1Norm, Keep<3, 4>, RoundTo<8>>` gives a `Network` of the type `prune_channels_t`.
/// - `Weights<L1Norm, Sparsity<9, 10>, Global>` gives a `MaskedNetwork`: the network with zeros, and the mask that
/// holds them.
///
///     auto slim = prune<Channels<L1Norm, Keep<3, 4>>>(student);
///     auto sparse = prune<Weights<L1Norm, Sparsity<9, 10>, Global>>(student);
///     distill(sparse, teachers(teacher), data.train, Objective{}, trainer);
///
/// What else a policy takes comes behind the network: the `Evidence` of a criterion that needs some, and the
/// `LayerRatios` of `Weights`.
///
///     prune<Weights<Snip, Sparsity<9, 10>, Global>>(network, gather_evidence(network, data.train.take(1024)));
///     prune<Weights<L1Norm>>(network, LayerRatios{{"0", 0.5}, {"3.main.0", 0.9}});
template <class Policy, Architecture A, class Scalar, class... Arguments>
[[nodiscard]] auto prune(const Network<A, Scalar>& network, const Arguments&... arguments) {
  static_assert(
      detail::is_pruning_policy<Policy>,
      "attar[E039]: prune takes a policy: Channels<criterion, Keep, RoundTo> or Weights<criterion, options...>");
  if constexpr (detail::is_pruning_policy<Policy>) return Policy::apply(network, arguments...);
}

}  // namespace attar
