// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <type_traits>
#include <vector>

#include <attar/model/fold_batch_norm.hpp>
#include <attar/model/layer_precision.hpp>
#include <attar/model/mixed_network.hpp>
#include <attar/model/network.hpp>
#include <attar/model/quantized_network.hpp>
#include <attar/quantize/mix_policy.hpp>

namespace attar {

namespace detail {

/// A network that was quantized from one of `A`.
template <class Quantized, class A>
constexpr void require_int8_of() {
  static_assert(is_quantized_from<Quantized, A>,
                "attar[E150]: the first network is what quantize made, the second the one that it was made of");
}

}  // namespace detail

/// What mixing precisions makes of an int8 network.
template <class Quantized>
using mix_t = MixedNetwork<typename Quantized::ArchitectureType, typename Quantized::Scheme>;

/// The int8 network with the layers that `Policy` and `choice` name in other precisions, taken from the network that it
/// was quantized from.
///
///     auto mixed = mix<MixPolicy<FirstLayer<Fp32>>>(int8, network, {{"3.main.0", LayerPrecision::fp32}});
///
/// Throws `Error` with `invalid_argument` for a path that is no layer with weights.
template <class Policy = MixPolicy<>, class Quantized, Architecture A>
[[nodiscard]] mix_t<Quantized> mix(const Quantized& int8, const Network<A>& network,
                                   const LayerPrecisions& choice = {}) {
  detail::require_int8_of<Quantized, A>();
  std::vector<LayerPrecision> precisions;
  for (const auto& asked : detail::asked_precisions<Policy>(Quantized::program, choice)) {
    precisions.push_back(asked.value_or(LayerPrecision::int8));
  }
  return {int8, fold_batch_norm(network), precisions};
}

}  // namespace attar
