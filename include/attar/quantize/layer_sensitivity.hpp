// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include <attar/backend/default_backend.hpp>
#include <attar/backend/sessions_of.hpp>
#include <attar/data/dataset.hpp>
#include <attar/model/fold_batch_norm.hpp>
#include <attar/model/layer_precision.hpp>
#include <attar/model/network.hpp>
#include <attar/quantize/image_source.hpp>
#include <attar/quantize/mix.hpp>
#include <attar/quantize/mix_trial.hpp>

namespace attar {

/// What a network loses when one of its layers alone is int8 and all others are fp32.
struct Int8LayerCost {
  int row = 0;           ///< Of the layer table of the folded program.
  std::string path;      ///< Where the layer stands: "3.main.0".
  double sqnr_db = 0;    ///< Signal to quantization noise of the layer's output, in decibels: the more, the better.
  double logits_db = 0;  ///< The same of the logits.
  double accuracy = std::numeric_limits<double>::quiet_NaN();  ///< In percent; NaN where it was not asked for.
};

/// What each layer with weights costs in int8, in order of execution.
struct Int8Sensitivity {
  double accuracy = std::numeric_limits<double>::quiet_NaN();  ///< All layers in fp32.
  std::vector<Int8LayerCost> layers;
};

namespace detail {

template <class Backend>
[[nodiscard]] Int8Sensitivity measure_sensitivity(const MixTrial<Backend>& trial, const Dataset* validation) {
  Int8Sensitivity result;
  RowPrecisions precisions = trial.all(LayerPrecision::fp32);
  if (validation != nullptr) result.accuracy = trial.accuracy(precisions, *validation);
  for (const int row : trial.rows()) {
    const auto index = static_cast<std::size_t>(row);
    precisions[index] = LayerPrecision::int8;
    const MixNoise noise = trial.noise(precisions, row);
    Int8LayerCost cost{.row = row,
                       .path = std::string{trial.program().rows[index].path.view()},
                       .sqnr_db = noise.output_db,
                       .logits_db = noise.logits_db};
    if (validation != nullptr) cost.accuracy = trial.accuracy(precisions, *validation);
    result.layers.push_back(cost);
    precisions[index] = LayerPrecision::fp32;
  }
  return result;
}

template <class Backend, class Quantized, Architecture A>
[[nodiscard]] Int8Sensitivity measure_sensitivity(const Quantized& int8, const Network<A>& network, ImageSource images,
                                                  const Dataset* validation) {
  require_int8_of<Quantized, A>();
  const auto folded = fold_batch_norm(network);
  return measure_sensitivity(
      MixTrial<RunTimeBackend<Backend>>{int8.model(), folded.buffer(), LayerPrecision::fp32, std::move(images)},
      validation);
}

}  // namespace detail

/// For each layer with weights: signal to noise of its output and of the logits over `images` (a `Dataset` or
/// normalized floats), when this layer alone is int8 and all others are fp32. Throws `Error`: `invalid_data` without
/// images, `architecture_mismatch` for images of another shape.
///
///     std::cout << to_text(layer_sensitivity(int8, network, data.train.take(256)));
template <class Backend = DefaultBackend, class Quantized, Architecture A, class Images>
[[nodiscard]] Int8Sensitivity layer_sensitivity(const Quantized& int8, const Network<A>& network,
                                                const Images& images) {
  return detail::measure_sensitivity<Backend>(int8, network, {images, A::input_shape, "images for sensitivity"},
                                              nullptr);
}

/// The same, and the accuracy on labelled images.
template <class Backend = DefaultBackend, class Quantized, Architecture A, class Images>
[[nodiscard]] Int8Sensitivity layer_sensitivity(const Quantized& int8, const Network<A>& network, const Images& images,
                                                const Dataset& validation) {
  return detail::measure_sensitivity<Backend>(int8, network, {images, A::input_shape, "images for sensitivity"},
                                              &validation);
}

}  // namespace attar
