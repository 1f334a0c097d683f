// SPDX-License-Identifier: MIT
#include <cstddef>
#include <set>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "../support/small_networks.hpp"
#include <attar/backend/inference_session.hpp>
#include <attar/backend/reference.hpp>
#include <attar/quantize/layer_samples.hpp>

namespace attar::test::layer_samples_test {
namespace {

using detail::LayerSamples;
using detail::SampledPositions;

TEST(SampledPositions, AreDifferentOnesInBounds) {
  for (const std::size_t wanted : {1U, 7U, 99U, 100U, 1000U}) {
    const SampledPositions positions{100, wanted, Seed{1}, 2};
    EXPECT_EQ(positions.count(), std::min<std::size_t>(wanted, 100));
    std::set<std::size_t> places;
    std::set<std::size_t> rows;
    positions.for_each(0, 100, [&](std::size_t position, std::size_t row) {
      places.insert(position);
      rows.insert(row);
    });
    EXPECT_EQ(places.size(), positions.count());
    EXPECT_EQ(rows.size(), positions.count());
    EXPECT_LT(*places.rbegin(), 100U);
    EXPECT_LT(*rows.rbegin(), positions.count());
  }
}

TEST(SampledPositions, DoNotDependOnBatches) {
  const SampledPositions positions{1000, 300, Seed{4}, 0};
  std::vector<std::size_t> at_once(300);
  positions.for_each(0, 1000, [&](std::size_t position, std::size_t row) { at_once[row] = position; });
  for (const std::size_t batch : {1U, 7U, 512U}) {
    std::vector<std::size_t> found(300);
    for (std::size_t first = 0; first < 1000; first += batch) {
      positions.for_each(first, std::min<std::size_t>(first + batch, 1000),
                         [&](std::size_t position, std::size_t row) { found[row] = first + position; });
    }
    EXPECT_EQ(found, at_once);
  }
  std::vector<std::size_t> of_another(300);
  SampledPositions{1000, 300, Seed{5}, 0}.for_each(
      0, 1000, [&](std::size_t position, std::size_t row) { of_another[row] = position; });
  EXPECT_NE(of_another, at_once);
}

/// Windows times weights must be what the layer gives.
template <class A>
void expect_outputs_of_windows() {
  const Network<A> network = lived_in<A>(Seed{2});
  const std::vector<float> image = noise(A::input_shape.size(), Seed{3});
  const InferenceSession<Reference<float>> session{A::program, network.buffer(), 1};
  auto context = session.make_context();
  std::vector<float> outputs(session.output_size());
  session.run(image.data(), outputs.data(), context);
  const Op& op = A::program.ops[0];
  const Shape& out = A::program.output_shape();
  LayerSamples samples{op, A::input_shape, out, out.pixels()};
  const auto channels = static_cast<std::size_t>(out.channels);
  for (std::size_t pixel = 0; pixel < out.pixels(); ++pixel) {
    const std::size_t row = out.pixels() - 1 - pixel;
    samples.set_window(row, pixel, [&](std::size_t i) { return image[i]; });
    samples.set_target(row, std::span{outputs}.subspan(pixel * channels, channels), Activation::relu);
  }
  const auto weights = network.tensor(op.weight);
  const auto bias = network.tensor(op.bias);
  ASSERT_EQ(samples.groups() * samples.outputs() * samples.inputs(), weights.size());
  for (std::size_t row = 0; row < samples.rows(); ++row) {
    for (std::size_t c = 0; c < channels; ++c) {
      const std::size_t group = c / samples.outputs();
      float sum = bias[c];
      for (std::size_t k = 0; k < samples.inputs(); ++k)
        sum += samples.windows(group, row)[k] * weights[c * samples.inputs() + k];
      const float wanted = samples.targets(group, row)[c % samples.outputs()];
      EXPECT_NEAR(std::max(sum, 0.0F), wanted, 1e-4) << "row " << row << ", channel " << c;
    }
  }
}

TEST(LayerSamples, AreWhatConvolutionsAndLinearLayersRead) {
  expect_outputs_of_windows<Sequential<Input<4, 7, 6>, Conv2d<6, Kernel<3>, Groups<2>, Stride<2>, Bias>>>();
  expect_outputs_of_windows<Sequential<Input<3, 5, 5>, DepthwiseConv2d<Kernel<3>, Bias>>>();
  expect_outputs_of_windows<Sequential<Input<2, 8, 8>, Conv2d<3, Kernel<3>, Dilation<2>, Padding<1>, Bias>>>();
  expect_outputs_of_windows<Sequential<Input<6, 1, 1>, Linear<4>>>();
}

}  // namespace
}  // namespace attar::test::layer_samples_test
