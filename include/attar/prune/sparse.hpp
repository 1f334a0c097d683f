// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <attar/model/network.hpp>
#include <attar/model/sparse.hpp>
#include <attar/prune/gradual.hpp>
#include <attar/prune/prune.hpp>

namespace attar {

/// A sparser version of a sparse network: what was zero stays zero. The policy is `Weights`, its sparsity that of all
/// weights, the old zeros among them; other arguments are those of `prune` for a network.
///
///     auto half = prune<Weights<L1Norm, Sparsity<1, 2>>>(network);
///     distill(half, teachers(teacher), data.train, Objective{}, trainer);
///     auto tenth = prune<Weights<L1Norm, Sparsity<9, 10>>>(half);
template <class Policy, Architecture A, class Scalar, class... Arguments>
[[nodiscard]] MaskedNetwork<A, Scalar> prune(const Sparse<Network<A, Scalar>>& sparse, const Arguments&... arguments) {
  static_assert(detail::is_weights_policy<Policy>,
                "attar[E123]: removing channels would leave the mask of a sparse network behind; remove channels first "
                "and weights afterwards, or give prune the .network alone");
  MaskedNetwork<A, Scalar> result = sparse;
  if constexpr (detail::is_weights_policy<Policy>) {
    result = prune<Policy>(sparse.network, arguments...);
    for (std::size_t i = 0; i < A::program.trainable_size; ++i) {
      if (!sparse.mask.keeps(i)) result.mask.drop(i);
    }
    result.mask(result.network.trainable());
  }
  return result;
}

}  // namespace attar
