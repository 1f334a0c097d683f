// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string_view>

#include <attar/model/fold_batch_norm.hpp>
#include <attar/model/mask.hpp>
#include <attar/model/network.hpp>

namespace attar {

/// A model with the mask that its zeros are held by: what `prune` makes of a `Network` with a policy for weights, and
/// `quantize` of that. What takes it keeps the mask: `Trainer::fit` and `distill` hold it while they train, and
/// `fold_batch_norm` and `quantize` carry it over. It has the size and the speed of the dense model.
template <class Model>
struct Sparse {
  using ArchitectureType = typename Model::ArchitectureType;

  Model network;
  Mask<ArchitectureType> mask;
};

/// A network with the mask that its zeros are held by.
template <Architecture A, class Scalar = float>
using MaskedNetwork = Sparse<Network<A, Scalar>>;

namespace detail {

/// The mask of `To`, which has the weights of `From` under the same names. Biases and norms are not held: folding mixes
/// them.
template <Architecture To, Architecture From>
Mask<To> carry_mask(const Mask<From>& mask) {
  Mask<To> carried;
  for (const Parameter& from : From::program.parameters) {
    if (from.role != Role::weight) continue;
    for (const Parameter& to : To::program.parameters) {
      if (to.role != Role::weight || to.name.view() != from.name.view()) continue;
      for (std::size_t i = 0; i < from.size; ++i) {
        if (!mask.keeps(from.offset + i)) carried.drop(to.offset + i);
      }
    }
  }
  return carried;
}

}  // namespace detail

/// The same for a sparse network: a norm scales the weights before it, and their zeros stay.
template <Architecture A, class Scalar>
[[nodiscard]] MaskedNetwork<fold_batch_norm_t<A>, Scalar> fold_batch_norm(const MaskedNetwork<A, Scalar>& sparse) {
  return {fold_batch_norm(sparse.network), detail::carry_mask<fold_batch_norm_t<A>>(sparse.mask)};
}

}  // namespace attar
