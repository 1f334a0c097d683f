// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <attar/layers/op.hpp>
#include <attar/model/int8_scheme.hpp>
#include <attar/model/network.hpp>
#include <attar/quantize/weights.hpp>

namespace attar {

/// The float network whose weights are already those that `quantize<Scheme>` will give them: each is scale times an
/// integer. Its norms are not folded, so that their statistics can be measured with the rounded weights; a norm scales
/// whole filters, so with a scale for each the integers stay the same.
///
///     auto rounded = round_weights<Int8<WeightBits<4>>>(network);
///     reestimate_norms(rounded, data.train, {.images = 4096});
///     const auto int4 = quantize<Int8<WeightBits<4>>>(rounded, images);
///
/// Throws `Error` with `not_finite`, naming the tensor.
template <class Scheme, Architecture A>
[[nodiscard]] Network<A> round_weights(Network<A> network) {
  static_assert(Scheme::per_channel,
                "attar[E134]: norms are folded after the weights were rounded, which only fits "
                "scales per channel; use PerChannel");
  for (std::size_t i = 0; i < A::program.parameters.size(); ++i) {
    const Parameter& parameter = A::program.parameters[i];
    if (parameter.role != Role::weight) continue;
    const std::span<float> weights = network.tensor(static_cast<int>(i));
    std::vector<std::int8_t> integers(weights.size());
    std::vector<float> scales(static_cast<std::size_t>(parameter.dims[0]));
    quantize_weights(weights, Scheme::weight_limit, integers, scales, std::string{parameter.name.view()});
    const std::size_t filter = weights.size() / scales.size();
    for (std::size_t k = 0; k < weights.size(); ++k) {
      weights[k] = static_cast<float>(integers[k]) * scales[k / filter];
    }
  }
  return network;
}

}  // namespace attar
