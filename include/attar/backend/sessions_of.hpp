// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <type_traits>

#include <attar/backend/embedded.hpp>
#include <attar/backend/sessions.hpp>
#include <attar/core/parallel.hpp>

namespace attar::detail {

/// The sessions by which a backend runs architecture `A`, whose norms are folded. `Embedded` has some of its own for
/// each architecture, and for weights of int8 layers up to `WeightLimit`.
template <class A, class Backend, int WeightLimit = 127>
struct SessionsOf {
  using Floats = InferenceSession<Backend>;
  using Int8 = Int8Session<Backend>;
  using Mixed = MixedSession<Backend>;
  static Floats floats(std::span<const float> parameters, int batch, Threads threads) {
    return Floats{A::program, parameters, batch, threads};
  }
};
template <class A, int WeightLimit>
struct SessionsOf<A, Embedded, WeightLimit> {
  using Floats = EmbeddedFloatSession<A>;
  using Int8 = EmbeddedInt8Session<A, WeightLimit>;
  using Mixed = EmbeddedMixedSession<A, WeightLimit>;
  static Floats floats(std::span<const float> parameters, int batch, Threads threads) {
    return Floats{parameters, batch, threads};
  }
};

/// Whether a backend runs a batch image by image, each the work of one thread.
template <class Backend>
inline constexpr bool runs_by_image = std::is_same_v<Backend, Embedded>;

}  // namespace attar::detail
