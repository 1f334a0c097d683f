// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include <attar/backend/default_backend.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/layers/op.hpp>
#include <attar/model/fold_batch_norm.hpp>
#include <attar/model/network.hpp>
#include <attar/model/quantization_aware.hpp>
#include <attar/model/quantized_network.hpp>
#include <attar/model/quantizers.hpp>
#include <attar/model/sparse.hpp>
#include <attar/quantize/quantize.hpp>

namespace attar {

/// The network ready for quantization-aware training: norms folded, quantizers as `quantize` chooses them from `images`
/// (a `Dataset`, or normalized floats). It is trained and distilled into as any other network, with labels or by the
/// network in floats as its teacher; what it computes meanwhile is what `quantize` of it computes, to the last bit.
///
///     auto aware = quantization_aware<Int8<PerChannel, Entropy>, LearnedStep>(network, data.train.take(1024));
///     distill(aware, teachers(teacher), data.train, Objective{}, trainer);
///     auto int8 = quantize(aware);
///
/// Throws `Error` as `quantize` does.
template <class Scheme = Int8<>, QuantizationRule Rule = LearnedStep, class Backend = DefaultBackend, Architecture A,
          class Images>
[[nodiscard]] Network<quantization_aware_t<A, Scheme, Rule>> quantization_aware(const Network<A>& network,
                                                                                const Images& images) {
  using Folded = fold_batch_norm_t<A>;
  const Network<Folded> folded = fold_batch_norm(network);
  QuantizedNetwork<Folded, Scheme> start = quantize<Scheme, Backend>(folded, images);
  Network<quantization_aware_t<A, Scheme, Rule>> aware;
  const Int8Simulation& simulation = *aware.program.simulation;
  for (std::size_t i = 0; i < Folded::program.parameters.size(); ++i) {
    const auto index = static_cast<int>(i);
    detail::copy(folded.tensor(index), aware.tensor(index).begin());
    if (Folded::program.parameters[i].role != Role::weight) continue;
    detail::transform(start.weight_scales(index), aware.tensor(simulation.weight_limits[i]).begin(),
                      [](float scale) { return scale * static_cast<float>(Scheme::weight_limit); });
  }
  const std::span<const std::uint8_t> signs = start.signed_values();
  const std::span<const float> scales = start.activation_scales();
  const std::span<float> limits = aware.tensor(simulation.activation_limits);
  for (std::size_t value = 0; value < scales.size(); ++value) {
    limits[value] = scales[value] * static_cast<float>(detail::activation_levels(signs[value] != 0));
  }
  if constexpr (Scheme::asymmetric) {
    const std::span<const std::uint8_t> zero_points = start.zero_points();
    const std::span<float> offsets = aware.tensor(simulation.activation_offsets);
    for (std::size_t value = 0; value < scales.size(); ++value) {
      offsets[value] = -static_cast<float>(zero_points[value]) * scales[value];
    }
  } else {
    detail::copy(signs, aware.tensor(simulation.activation_signs).begin());
  }
  return aware;
}

/// The same for a sparse network, whose zeros are held in training, and stay zeros in integers.
template <class Scheme = Int8<>, QuantizationRule Rule = LearnedStep, class Backend = DefaultBackend, Architecture A,
          class Images>
[[nodiscard]] Sparse<Network<quantization_aware_t<A, Scheme, Rule>>> quantization_aware(
    const Sparse<Network<A>>& sparse, const Images& images) {
  return {quantization_aware<Scheme, Rule, Backend>(sparse.network, images),
          detail::carry_mask<quantization_aware_t<A, Scheme, Rule>>(sparse.mask)};
}

/// The int8 network that a quantization-aware one computes as, bit by bit. Nothing is calibrated.
template <Architecture A, class Scheme, class Rule>
[[nodiscard]] QuantizedNetwork<A, Scheme> quantize(const Network<QuantizationAware<A, Scheme, Rule>>& network) {
  return simulated(network);
}
template <Architecture A, class Scheme, class Rule>
[[nodiscard]] Sparse<QuantizedNetwork<A, Scheme>> quantize(
    const Sparse<Network<QuantizationAware<A, Scheme, Rule>>>& sparse) {
  return {simulated(sparse.network), detail::carry_mask<A>(sparse.mask)};
}

}  // namespace attar
