// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <attar/backend/kernels/activate.hpp>
#include <attar/backend/kernels/channel_rows.hpp>
#include <attar/backend/kernels/vector.hpp>

namespace attar::detail {

/// output = activation(input * scale + offset [+ residual]), channel by channel: what a batch normalization does once
/// its statistics are known. `scale` and `offset` are rows of `rows`; `residual` may be null.
template <class Storage>
void apply_affine(const ChannelRows& rows, const Storage* input, const float* scale, const float* offset,
                  const Storage* residual, Activation function, bool backwards, Storage* output) noexcept {
  const auto apply = [&]<bool HasResidual, Activation Function>(std::bool_constant<HasResidual>,
                                                                ActivationConstant<Function>) {
    rows.for_parts([=, &rows](std::size_t part) {
      // Copies: what a store might change would be read again for every vector.
      const Storage* const from = input;
      const Storage* const added = residual;
      Storage* const to = output;
      const std::size_t row = rows.row();
      rows.visit(part, backwards, [&]<int V, int L>(Block<V, L>, std::size_t at, std::size_t count, std::size_t place) {
        constexpr Lanes<L> lanes{};
        Floats<L> a[V];
        Floats<L> b[V];
        for (int v = 0; v < V; ++v) {
          a[v] = load(scale + place + v * L, lanes);
          b[v] = load(offset + place + v * L, lanes);
        }
        for (; count > 0; --count, at += row) {
          for (int v = 0; v < V; ++v) {
            const std::size_t i = at + static_cast<std::size_t>(v * L);
            Floats<L> z = load(from + i, lanes) * a[v] + b[v];
            if constexpr (HasResidual) z += load(added + i, lanes);
            store(to + i, activate<Function>(z), lanes);
          }
        }
      });
    });
  };
  with_activation(function, [&](auto constant) {
    if (residual != nullptr) {
      apply(std::true_type{}, constant);
    } else {
      apply(std::false_type{}, constant);
    }
  });
}

}  // namespace attar::detail
