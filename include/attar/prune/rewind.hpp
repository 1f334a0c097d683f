// SPDX-License-Identifier: MIT
#pragma once

#include <attar/model/network.hpp>
#include <attar/model/sparse.hpp>

namespace attar {

/// The mask of a pruned network on the weights of an earlier state of it, to be trained again: a lottery ticket
/// (Frankle and Carbin, "The lottery ticket hypothesis", ICLR 2019, with the initial weights; Frankle et al., "Linear
/// mode connectivity and the lottery ticket hypothesis", ICML 2020, with those of an early step). Norms and biases are
/// those of the early state too.
///
///     const Network<Net> early = network;  // New, or after a few epochs.
///     trainer.fit(network, data.train, HardLabels<>{});
///     auto ticket = rewind(prune<Weights<L1Norm, Sparsity<9, 10>, Global>>(network), early);
///     trainer.fit(ticket, data.train, HardLabels<>{});
template <Architecture A, class Scalar>
[[nodiscard]] MaskedNetwork<A, Scalar> rewind(const Sparse<Network<A, Scalar>>& sparse,
                                              const Network<A, Scalar>& early) {
  MaskedNetwork<A, Scalar> ticket{early, sparse.mask};
  ticket.mask(ticket.network.trainable());
  return ticket;
}

}  // namespace attar
