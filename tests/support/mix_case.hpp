// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "small_networks.hpp"
#include <attar/backend/eigen.hpp>
#include <attar/backend/inference_session.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/data/dataset.hpp>
#include <attar/quantize/image_source.hpp>
#include <attar/quantize/mix_report.hpp>
#include <attar/quantize/quantize.hpp>

namespace attar::test {

using MixNet = Sequential<Input<1, 8, 8>, Conv2d<8, Kernel<3>>, BatchNorm2d, ReLU, Conv2d<8, Kernel<3>>, BatchNorm2d,
                          ReLU, MaxPool2d<2>, Conv2d<8, Kernel<3>>, BatchNorm2d, ReLU, GlobalAvgPool, Linear<4>>;
using MixInt8 = quantize_t<MixNet, Int8<>>;

/// Images of noise whose labels are what the network itself says: its accuracy is 100 %.
struct MixCase {
  static constexpr std::size_t count = 400;
  Network<MixNet> network = lived_in<MixNet>(Seed{1});
  Dataset data = labelled();
  MixInt8 int8 = quantize<Int8<>, EigenBackend>(network, data);

  std::vector<float> logits(const Dataset& images) const {
    const InferenceSession<EigenBackend> session{MixNet::program, network.buffer(), count};
    auto context = session.make_context();
    std::vector<float> input(session.input_size());
    std::vector<float> output(session.output_size());
    detail::ImageSource{images, MixNet::input_shape, "images"}(0, input.data(), count);
    session.run(input.data(), output.data(), context);
    return output;
  }

  Dataset labelled() {
    AlignedBuffer<std::uint8_t> pixels{count * 64};
    Rng rng{Seed{6}};
    for (std::uint8_t& pixel : pixels) pixel = static_cast<std::uint8_t>(rng.below(256));
    const auto with = [&](std::vector<int> labels) {
      return Dataset{Shape{1, 8, 8}, 4, pixels, std::move(labels), Normalization{{0.5F}, {0.3F}}};
    };
    std::vector<float> found = logits(with(std::vector<int>(count, 0)));
    for (std::size_t k = 0; k < 4; ++k) {  // As many images of each class, or so.
      double mean = 0;
      for (std::size_t i = 0; i < count; ++i) mean += static_cast<double>(found[4 * i + k]) / count;
      network.tensor("11.bias")[k] -= static_cast<float>(mean);
    }
    found = logits(with(std::vector<int>(count, 0)));
    std::vector<int> labels;
    for (std::size_t i = 0; i < count; ++i) {
      const auto row = std::span{found}.subspan(4 * i, 4);
      labels.push_back(static_cast<int>(std::ranges::max_element(row) - row.begin()));
    }
    return with(std::move(labels));
  }

  /// Spoils the int8 weights of a layer, so that it alone is what int8 loses by.
  void spoil(std::string_view name) {
    for (std::int8_t& weight : int8.weight(detail::find_parameter(MixInt8::program, name))) {
      weight = static_cast<std::int8_t>(weight / 32 * 32);
    }
  }
};

/// The layer of that path.
inline const MixedLayer& layer_of(const MixReport& report, const std::string& path) {
  return *std::ranges::find(report.layers, path, &MixedLayer::path);
}

}  // namespace attar::test
