// SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>
#include <utility>

#include <attar/layers/op.hpp>

namespace attar::detail {

/// Calls `body` with the kind of operation as a constant, if it is one that inference has a kernel for: no product, for
/// these have their own steps, and no dropout, for it vanishes.
template <class Body>
void with_kernel_kind(OpKind kind, Body&& body) {
  const auto try_all = [&]<OpKind... Kinds>(std::integer_sequence<OpKind, Kinds...>) {
    (void)((kind == Kinds && (body(std::integral_constant<OpKind, Kinds>{}), true)) || ...);
  };
  try_all(
      std::integer_sequence<OpKind, OpKind::batch_norm, OpKind::activation, OpKind::max_pool, OpKind::avg_pool,
                            OpKind::global_avg_pool, OpKind::flatten, OpKind::add, OpKind::concat, OpKind::scale>{});
}

}  // namespace attar::detail
