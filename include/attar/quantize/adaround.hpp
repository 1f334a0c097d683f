// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <attar/backend/default_backend.hpp>
#include <attar/backend/inference_session.hpp>
#include <attar/backend/int8_program.hpp>
#include <attar/backend/int8_session.hpp>
#include <attar/core/error.hpp>
#include <attar/core/interrupt.hpp>
#include <attar/core/parallel.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/layers/op.hpp>
#include <attar/model/fold_batch_norm.hpp>
#include <attar/model/fuse.hpp>
#include <attar/model/network.hpp>
#include <attar/model/quantized_network.hpp>
#include <attar/model/sparse.hpp>
#include <attar/quantize/image_source.hpp>
#include <attar/quantize/layer_rounding.hpp>
#include <attar/quantize/layer_samples.hpp>
#include <attar/train/progress.hpp>

namespace attar {

namespace detail {

/// A layer whose weights are rounded: where it stands, and the positions and matrices that it is learned from.
struct RoundedLayer {
  const Op* op = nullptr;                    ///< In the program.
  Activation activation = Activation::none;  ///< What follows at once, without a sum before it.
  std::size_t pixels = 0;                    ///< Of its output.
  SampledPositions positions;
  LayerSamples samples;
};

/// The convolutions and linear layers of a program in order of execution.
[[nodiscard]] inline std::vector<RoundedLayer> rounded_layers(const Program& program, std::size_t images,
                                                              const AdaRoundOptions& options) {
  std::vector<RoundedLayer> layers;
  const FusedProgram fused = fuse(program, FuseFor::inference);
  for (const Op& op : program.ops) {
    if (op.kind != OpKind::conv2d && op.kind != OpKind::linear) continue;
    const auto whole = detail::find(fused.ops, op.weight, &Op::weight);
    const Shape& out = program.shape(op.output);
    SampledPositions positions{images * out.pixels(), options.positions, options.seed, layers.size()};
    LayerSamples samples{op, program.shape(op.operands[0]), out, positions.count()};
    layers.push_back({&op, whole->residual < 0 ? whole->activation : Activation::none, out.pixels(),
                      std::move(positions), std::move(samples)});
  }
  return layers;
}

/// Fills in what the layers give in float.
template <class Backend>
void gather_targets(const Program& program, std::span<const float> parameters, const ImageSource& images, int batch,
                    std::vector<RoundedLayer>& layers) {
  std::vector<int> taps;
  for (const RoundedLayer& layer : layers) taps.push_back(layer.op->output);
  const InferenceSession<Backend> session{program, parameters, batch, Threads{thread_count()}, taps};
  const auto observe = [&](std::size_t first, int value, std::span<const float> numbers) {
    const auto tap = detail::find(taps, value);
    if (tap == taps.end()) return;
    RoundedLayer& layer = layers[static_cast<std::size_t>(tap - taps.begin())];
    if (!detail::all_of(numbers, [](float x) { return std::isfinite(x); })) {
      raise(Error{ErrorCode::not_finite, std::string{program.parameter(layer.op->weight).name.view()},
                  "finite outputs of the float network", "NaN or infinity"});
    }
    const auto channels = static_cast<std::size_t>(program.shape(value).channels);
    const std::size_t begin = first * layer.pixels;
    layer.positions.for_each(begin, begin + numbers.size() / channels, [&](std::size_t position, std::size_t row) {
      layer.samples.set_target(row, numbers.subspan(position * channels, channels), layer.activation);
    });
  };
  run_images(session, images, observe, [](std::span<const float>) {});
}

/// Fills in what a layer reads in the int8 network as it is now.
template <class Backend>
void gather_windows(const Int8Model& whole, const ImageSource& images, int batch, RoundedLayer& layer) {
  const Int8Model model = whole.up_to(*layer.op);
  const FusedProgram fused = fuse(model.program, FuseFor::inference);
  const int input = detail::find(fused.ops, layer.op->output, &Op::output)->operands[0];
  const Int8Format format = model.format(input);
  const std::size_t size = model.program.shape(input).size();
  const auto observe = [&](std::size_t first, int value, std::span<const std::byte> bytes) {
    if (value != input) return;
    const std::size_t begin = first * layer.pixels;
    const std::size_t end = begin + bytes.size() / size * layer.pixels;
    layer.positions.for_each(begin, end, [&](std::size_t position, std::size_t row) {
      const std::byte* image = bytes.data() + position / layer.pixels * size;
      layer.samples.set_window(row, position % layer.pixels, [&](std::size_t i) {
        const int number = number_of(static_cast<std::int8_t>(image[i]), format.is_signed);
        return format.scale * static_cast<float>(number - format.zero_point);
      });
    });
  };
  run_images(Int8Session<Backend>{model, batch}, images, observe, [](std::span<const float>) {});
}

template <class Backend, Architecture A, class Scheme>
void round_adaptively(QuantizedNetwork<A, Scheme>& quantized, const Network<A>& folded, const ImageSource& images,
                      const AdaRoundOptions& options) {
  options.validate();
  const int batch = static_cast<int>(std::min<std::size_t>(32, images.count()));
  std::vector<RoundedLayer> layers = rounded_layers(A::program, images.count(), options);
  gather_targets<Backend>(A::program, folded.buffer(), images, batch, layers);
  const auto steps = static_cast<std::size_t>(options.iterations);
  std::optional<Progress> progress;
  if (options.progress) progress.emplace("adaround", steps * layers.size(), layers.size(), ProgressOptions{}, "steps");
  for (RoundedLayer& layer : layers) {
    gather_windows<Backend>(quantized.model(), images, batch, layer);
    const Op& op = *layer.op;
    LayerRounding rounding{{.weights = folded.tensor(op.weight),
                            .rounded = quantized.weight(op.weight),
                            .scales = quantized.weight_scales(op.weight),
                            .bias = op.bias < 0 ? std::span<const float>{} : quantized.numbers(op.bias),
                            .limit = Scheme::weight_limit,
                            .activation = layer.activation},
                           layer.samples};
    rounding.learn(options, [&](double loss) {
      if (attar::interrupt_requested())
        raise(Error{ErrorCode::interrupted, "adaround", "to finish", "a request to stop"});
      if (progress) progress->update(1, loss, std::numeric_limits<double>::quiet_NaN());
    });
    rounding.finish();
    layer.samples = LayerSamples{op, Shape{}, Shape{}, 0};  // Its memory is for the next layer.
  }
  if (progress) progress->finish();
}

template <class Quantized, Architecture A>
constexpr void require_rounded_from() {
  static_assert(is_quantized_from<Quantized, A>,
                "attar[E145]: adaround takes what quantize made, and then the network that it was made of");
}

}  // namespace detail

/// The quantized network with weights rounded up or down so that the outputs of layers are as near as possible to
/// those of the float network, instead of each weight to its nearest: AdaRound (Nagel et al., "Up or down? Adaptive
/// rounding for post-training quantization", ICML 2020). Layer by layer in order of execution, on what the int8 network
/// so far gives the layer (the paper's asymmetric reconstruction, equation 25), with the activation behind it where no
/// sum comes first. Scales, biases and activations stay, and so does a weight of 0; others move by one step at most
/// from their nearest. A layer that is not nearer to float on these images for it keeps the rounding that it had.
///
///     auto int4 = quantize<Int8<WeightBits<4>>>(network, images);
///     int4 = adaround(int4, network, images);
///
/// A few hundred images, of a `Dataset` or as a span of normalized floats, height x width x channels; labels are not
/// used. Each layer costs a run of the images through the network up to it, and its steps. How images are divided into
/// batches has no influence. Throws `Error`: `invalid_data` without images, `architecture_mismatch` for images of
/// another shape, `not_finite` where NaN or infinity appears, `invalid_argument` for options out of range,
/// `interrupted`.
template <class Backend = DefaultBackend, class Quantized, Architecture A, class Images>
[[nodiscard]] Quantized adaround(Quantized quantized, const Network<A>& network, const Images& images,
                                 const AdaRoundOptions& options = {}) {
  detail::require_rounded_from<Quantized, A>();
  detail::round_adaptively<Backend>(quantized, fold_batch_norm(network),
                                    {images, A::input_shape, "images for adaround"}, options);
  return quantized;
}

/// The same for a sparse network. Its zeros stay, and its type still says so.
template <class Backend = DefaultBackend, class Quantized, Architecture A, class Images>
[[nodiscard]] Sparse<Quantized> adaround(Sparse<Quantized> quantized, const Sparse<Network<A>>& network,
                                         const Images& images, const AdaRoundOptions& options = {}) {
  quantized.network = adaround<Backend>(std::move(quantized.network), network.network, images, options);
  return quantized;
}

}  // namespace attar
