// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <attar/backend/default_backend.hpp>
#include <attar/backend/inference_session.hpp>
#include <attar/backend/int8_session.hpp>
#include <attar/core/error.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/layers/op.hpp>
#include <attar/model/fold_batch_norm.hpp>
#include <attar/model/network.hpp>
#include <attar/model/quantized_network.hpp>
#include <attar/quantize/image_source.hpp>

namespace attar {

namespace detail {

/// Means per channel, in double and in the order of the images, so that batches do not matter.
class ChannelMeans {
 public:
  explicit ChannelMeans(int channels) : sums_(static_cast<std::size_t>(channels)) {}

  void add(std::span<const float> numbers) {
    for (std::size_t i = 0; i < numbers.size(); i += sums_.size()) {
      for (std::size_t c = 0; c < sums_.size(); ++c) sums_[c] += static_cast<double>(numbers[i + c]);
    }
    count_ += static_cast<double>(numbers.size() / sums_.size());
  }
  [[nodiscard]] double operator[](std::size_t channel) const { return sums_[channel] / count_; }

 private:
  std::vector<double> sums_;
  double count_ = 0;
};

/// Corrects the layers of `quantized` one after the other by what the float network, norms folded, gives.
template <class Backend, Architecture A, class Scheme>
void correct_biases(QuantizedNetwork<A, Scheme>& quantized, const Network<A>& folded, const ImageSource& images) {
  const int batch = static_cast<int>(std::min<std::size_t>(32, images.count()));
  std::vector<const Op*> layers;
  std::vector<int> taps;
  for (const Op& op : A::program.ops) {
    if ((op.kind != OpKind::conv2d && op.kind != OpKind::linear) || op.bias < 0) continue;
    layers.push_back(&op);
    taps.push_back(op.output);
  }
  std::vector<ChannelMeans> wanted;
  for (const int tap : taps) wanted.emplace_back(A::program.shape(tap).channels);
  const InferenceSession<Backend> floats{A::program, folded.buffer(), batch, Threads{thread_count()}, taps};
  run_images(
      floats, images,
      [&](std::size_t, int value, std::span<const float> numbers) {
        const auto found = detail::find(taps, value);
        if (found != taps.end()) wanted[static_cast<std::size_t>(found - taps.begin())].add(numbers);
      },
      [](std::span<const float>) {});
  for (std::size_t i = 0; i < layers.size(); ++i) {
    // A branch has one reader, so everything before the cut is computed as it is in the whole network.
    const Int8Model model = quantized.model().up_to(*layers[i]);
    ChannelMeans found{A::program.shape(taps[i]).channels};
    run_images(
        Int8Session<Backend>{model, batch}, images, [](std::size_t, int, std::span<const std::byte>) {},
        [&](std::span<const float> numbers) { found.add(numbers); });
    const std::span<float> bias = quantized.numbers(layers[i]->bias);
    for (std::size_t channel = 0; channel < bias.size(); ++channel) {
      const double shift = wanted[i][channel] - found[channel];
      if (!std::isfinite(shift)) {
        raise(Error{ErrorCode::not_finite, std::string{A::program.parameter(layers[i]->bias).name.view()},
                    "finite outputs", "NaN or infinity"});
      }
      bias[channel] = static_cast<float>(double{bias[channel]} + shift);
    }
  }
}

template <class Quantized, Architecture A>
constexpr void require_quantized_from() {
  static_assert(is_quantized_from<Quantized, A>,
                "attar[E133]: correct_bias takes what quantize made, and then the network that it was made of");
}

}  // namespace detail

/// The quantized network with biases by which the mean of each channel of each convolution and linear layer, over the
/// images, is what it is in the float network: bias += mean(float) - mean(int8) (Nagel et al., "Data-free quantization
/// through weight equalization and bias correction", 2019, section 4.2, with means of data). Layer by layer in order of
/// execution, so that each sees the corrected ones before it; before sums and activations. Layers without bias stay.
///
///     auto int8 = quantize<Int8<>>(network, images);
///     int8 = correct_bias(int8, network, images);
///
/// The images are a `Dataset`, or any number of normalized floats, each image height x width x channels. Every layer
/// costs a run of them through the network up to it. Throws `Error`: `invalid_data` without images,
/// `architecture_mismatch` for images of another shape, `not_finite` where NaN or infinity appears.
template <class Backend = DefaultBackend, class Quantized, Architecture A, class Images>
[[nodiscard]] Quantized correct_bias(Quantized quantized, const Network<A>& network, const Images& images) {
  detail::require_quantized_from<Quantized, A>();
  detail::correct_biases<Backend>(quantized, fold_batch_norm(network),
                                  {images, A::input_shape, "images for bias correction"});
  return quantized;
}

}  // namespace attar
