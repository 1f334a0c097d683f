// SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>

#include <attar/layers/op.hpp>

namespace attar::detail {

/// Calls `body` with `kind` as a constant, if it is one of `Kinds`.
template <OpKind... Kinds, class Body>
void with_one_of(OpKind kind, Body&& body) {
  (void)((kind == Kinds && (body(std::integral_constant<OpKind, Kinds>{}), true)) || ...);
}

/// Calls `body` with the kind of operation as a constant, if it is one that inference has a kernel for: no product, for
/// these have their own steps, and no dropout, for it vanishes.
template <class Body>
void with_kernel_kind(OpKind kind, Body&& body) {
  with_one_of<OpKind::batch_norm, OpKind::activation, OpKind::max_pool, OpKind::avg_pool, OpKind::global_avg_pool,
              OpKind::flatten, OpKind::add, OpKind::concat, OpKind::scale>(kind, body);
}

}  // namespace attar::detail
