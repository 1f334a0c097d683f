// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>

#include <attar/model/network.hpp>
#include <attar/prune/channels.hpp>
#include <attar/prune/magnitude.hpp>

namespace attar {

namespace detail {

template <class Policy>
inline constexpr bool is_pruning_policy = false;
template <class Criterion, class Share, class Rounding>
inline constexpr bool is_pruning_policy<Channels<Criterion, Share, Rounding>> = true;
template <class Share, class Scope>
inline constexpr bool is_pruning_policy<Magnitude<Share, Scope>> = true;

}  // namespace detail

/// A smaller or sparser version of a trained network, to be fine-tuned; the network itself is not changed.
///
/// - `Channels<L1Norm, Keep<3, 4>, RoundTo<8>>` gives a `Network` of the type `prune_channels_t`.
/// - `Magnitude<Sparsity<9, 10>, Global>` gives a `MaskedNetwork`: the network with zeros, and the mask that holds
/// them.
///
///     auto slim = prune<Channels<L1Norm, Keep<3, 4>>>(student);
///     auto sparse = prune<Magnitude<Sparsity<9, 10>, Global>>(student);
///     distill(sparse.network, teachers(teacher), data.train, Objective{}, trainer, sparse.mask);
template <class Policy, Architecture A, class Scalar>
[[nodiscard]] auto prune(const Network<A, Scalar>& network) {
  static_assert(detail::is_pruning_policy<Policy>,
                "attar[E039]: prune takes a policy: Channels<criterion, Keep, RoundTo> or Magnitude<Sparsity, scope>");
  if constexpr (detail::is_pruning_policy<Policy>) return Policy::apply(network);
}

}  // namespace attar
