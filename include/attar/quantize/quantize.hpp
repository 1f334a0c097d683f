// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <attar/backend/default_backend.hpp>
#include <attar/core/error.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/layers/op.hpp>
#include <attar/model/fold_batch_norm.hpp>
#include <attar/model/network.hpp>
#include <attar/model/quantized_network.hpp>
#include <attar/model/sparse.hpp>
#include <attar/quantize/calibrate.hpp>
#include <attar/quantize/entropy.hpp>
#include <attar/quantize/image_source.hpp>
#include <attar/quantize/min_max.hpp>
#include <attar/quantize/weights.hpp>

namespace attar {

namespace detail {

template <class Scheme>
inline constexpr bool is_int8 = false;
template <class... Options>
inline constexpr bool is_int8<Int8<Options...>> = true;

/// Quantizes a network whose norms are folded, with statistics of its values.
template <class Scheme, Architecture A>
QuantizedNetwork<A, Scheme> quantize_folded(const Network<A>& folded, std::span<const ValueStatistics> statistics) {
  QuantizedNetwork<A, Scheme> result;
  for (std::size_t i = 0; i < A::program.parameters.size(); ++i) {
    const Parameter& parameter = A::program.parameters[i];
    const auto index = static_cast<int>(i);
    const std::string name{parameter.name.view()};
    const std::span<const float> numbers = folded.tensor(index);
    if (parameter.role == Role::weight) {
      quantize_weights(numbers, Scheme::weight_limit, result.weight(index), result.weight_scales(index), name);
    } else {
      const bool finite = detail::all_of(numbers, [](float x) { return std::isfinite(x); });
      if (!finite) raise(Error{ErrorCode::not_finite, name, "finite numbers", "NaN or infinity"});
      detail::copy(numbers, result.numbers(index).begin());
    }
  }
  const ActivationScales chosen =
      choose_scales<typename Scheme::Calibrator, typename Scheme::Symmetry>(A::program, statistics);
  detail::copy(chosen.scales, result.activation_scales().begin());
  detail::copy(chosen.signed_values, result.signed_values().begin());
  detail::copy(chosen.zero_points, result.zero_points().begin());
  return result;
}

template <class Scheme, class Backend, Architecture A>
quantize_t<A, Scheme> quantize_with(const Network<A>& network, const ImageSource& images) {
  static_assert(is_int8<Scheme>,
                "attar[E062]: quantize takes a scheme such as Int8<PerChannel, Entropy> as its first argument");
  const auto folded = fold_batch_norm(network);
  const std::vector<ValueStatistics> statistics =
      gather_statistics<Backend>(folded.program, folded.buffer(), images.count(), images);
  return quantize_folded<Scheme>(folded, statistics);
}

}  // namespace detail

/// The network in 8-bit integers: norms folded, weights quantized, activations calibrated on `images` (a few hundred
/// are enough; a `Dataset`, whose labels are not used, or any number of normalized floats, each image height x width x
/// channels). The result is a type of its own, smaller, and runs int8 in `Engine`.
///
///     auto int8 = quantize<Int8<PerChannel, Entropy>>(network, data.train.take(1024));
///
/// Throws `Error`: `invalid_data` without images, `architecture_mismatch` for images of another shape, `not_finite`
/// where NaN or infinity appears, naming the tensor or the layer.
template <class Scheme = Int8<>, class Backend = DefaultBackend, Architecture A, class Images>
[[nodiscard]] quantize_t<A, Scheme> quantize(const Network<A>& network, const Images& images) {
  return detail::quantize_with<Scheme, Backend>(network, {images, A::input_shape, "calibration images"});
}

/// The same for a sparse network. The weights that its mask holds are zero in the result
/// too, whose type says so.
template <class Scheme = Int8<>, class Backend = DefaultBackend, Architecture A, class Images>
[[nodiscard]] Sparse<quantize_t<A, Scheme>> quantize(const Sparse<Network<A>>& sparse, const Images& images) {
  return {quantize<Scheme, Backend>(sparse.network, images), detail::carry_mask<fold_batch_norm_t<A>>(sparse.mask)};
}

}  // namespace attar
