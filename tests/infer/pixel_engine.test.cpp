// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "../io/scratch.hpp"
#include "../support/allocations.hpp"
#include "../support/small_networks.hpp"
#include <attar/backend/eigen.hpp>
#include <attar/backend/embedded.hpp>
#include <attar/core/rng.hpp>
#include <attar/data/normalizer.hpp>
#include <attar/infer/pixel_engine.hpp>
#include <attar/infer/top.hpp>
#include <attar/model/mixed_network.hpp>
#include <attar/quantize/quantize.hpp>

namespace attar::test::pixel_engine_test {
namespace {

using Colors = ResNetLike;
using Grays = VggLike;

const Normalization color_normalization{{0.49F, 0.48F, 0.45F}, {0.25F, 0.24F, 0.26F}};
const Normalization gray_normalization{{0.286F}, {0.353F}};

std::vector<std::uint8_t> random_pixels(std::size_t count) {
  std::vector<std::uint8_t> pixels(count);
  Rng rng{Seed{11}};
  for (std::uint8_t& pixel : pixels) pixel = static_cast<std::uint8_t>(rng.below(256));
  return pixels;
}

template <class Backend = EigenBackend, class BatchType = BatchSize<1>, class Model>
void expect_as_normalized_before(const Model& model, const Normalization& normalization, Threads threads = {1}) {
  using Pixels = PixelEngine<Model, Backend, BatchType>;
  const Pixels engine{model, normalization, threads};
  auto context = engine.make_context();
  const auto pixels = random_pixels(Pixels::input_size);
  std::vector<float> floats(Pixels::input_size);
  const Normalizer normalize{Pixels::input_shape, normalization};
  const std::size_t size = Pixels::input_shape.size();
  for (std::size_t i = 0; i < floats.size(); i += size) {
    normalize(std::span{pixels}.subspan(i, size), std::span{floats}.subspan(i, size));
  }
  const auto logits = engine(floats, context);
  const std::vector<float> expected{logits.begin(), logits.end()};
  EXPECT_TRUE(std::ranges::equal(engine(pixels, context), expected));
}

template <class A>
quantize_t<A, Int8<MinMax>> quantized(const Network<A>& network) {
  return quantize<Int8<MinMax>>(network, std::span<const float>{noise(8 * A::input_shape.size(), Seed{9})});
}

TEST(PixelEngine, GivesTheBitsOfImagesNormalizedBefore) {
  const auto colors = lived_in<Colors>(Seed{1});
  const auto grays = lived_in<Grays>(Seed{1});
  expect_as_normalized_before(colors, color_normalization);
  expect_as_normalized_before(grays, gray_normalization);
  expect_as_normalized_before(quantized(colors), color_normalization);
  expect_as_normalized_before(quantized(grays), gray_normalization);
}

TEST(PixelEngine, GivesThemOnEveryBackend) {
  const auto network = lived_in<Colors>(Seed{1});
  const auto int8 = quantized(network);
  expect_as_normalized_before<DefaultBackend>(network, color_normalization);
  expect_as_normalized_before<DefaultBackend>(int8, color_normalization);
  expect_as_normalized_before<Embedded>(network, color_normalization);
  expect_as_normalized_before<Embedded>(int8, color_normalization);
}

TEST(PixelEngine, GivesThemForBatchesAndThreads) {
  const auto network = lived_in<Colors>(Seed{1});
  const auto int8 = quantized(network);
  expect_as_normalized_before<DefaultBackend, BatchSize<3>>(int8, color_normalization, Threads{2});
  expect_as_normalized_before<Embedded, BatchSize<3>>(int8, color_normalization, Threads{2});
  expect_as_normalized_before<Embedded, BatchSize<3>>(network, color_normalization, Threads{2});
}

TEST(PixelEngine, GivesThemInEveryPrecision) {
  const auto network = lived_in<Colors>(Seed{1});
  const auto folded = fold_batch_norm(network);
  const auto int8 = quantized(network);
  for (const auto precision : {LayerPrecision::int8, LayerPrecision::fp32}) {
    std::vector<LayerPrecision> precisions(folded.program.rows.size(), LayerPrecision::int8);
    precisions[0] = precision;
    expect_as_normalized_before(MixedNetwork{int8, folded, std::span<const LayerPrecision>{precisions}},
                                color_normalization);
  }
}

TEST(PixelEngine, TakesEveryByte) {
  using Net = Sequential<Input<1, 16, 16>, Conv2d<8, Kernel<3>>, ReLU, GlobalAvgPool, Linear<4>>;
  const PixelEngine engine{lived_in<Net>(Seed{1}), Normalization{{0.5F}, {0.25F}}};
  auto context = engine.make_context();
  std::array<std::uint8_t, 256> pixels{};
  std::array<float, 256> floats{};
  for (std::size_t i = 0; i < 256; ++i) {
    pixels[i] = static_cast<std::uint8_t>(i);
    floats[i] = (static_cast<float>(i) / 255 - 0.5F) / 0.25F;
  }
  const auto from_bytes = engine(pixels, context);
  const std::vector<float> logits{from_bytes.begin(), from_bytes.end()};
  const auto from_floats = engine(floats, context);
  for (std::size_t i = 0; i < logits.size(); ++i) EXPECT_NEAR(logits[i], from_floats[i], 1e-5F);
}

TEST(PixelEngine, RefusesWhatDoesNotFit) {
  const auto network = lived_in<Grays>(Seed{1});
  expect_error(ErrorCode::invalid_data, "1 means and deviations",
               [&] { PixelEngine{network, Normalization{{0, 0}, {1, 1}}}; });
  expect_error(ErrorCode::invalid_data, "positive deviations", [&] { PixelEngine{network, Normalization{{0}, {0}}}; });
  const PixelEngine engine{network, gray_normalization};
  auto context = engine.make_context();
  const std::vector<std::uint8_t> short_image(engine.input_size - 1);
  expect_error(ErrorCode::invalid_argument, "1 of 1x14x14 (196 bytes), found 195 bytes",
               [&] { engine(short_image, context); });
}

TEST(PixelEngine, NeitherThrowsNorAllocates) {
  using Engine = PixelEngine<Network<Grays>, Embedded>;
  const Engine engine{lived_in<Grays>(Seed{1}), gray_normalization};
  auto context = engine.make_context();
  const std::array<std::uint8_t, Engine::input_size> image{};
  static_assert(noexcept(engine(image, context)));
  static_assert(noexcept(probabilities(engine.logits(context))));
  static_assert(noexcept(top<3>(engine.logits(context))));
  const std::size_t before = allocations();
  engine(image, context);
  const auto best = top<3>(engine.logits(context));
  const auto all = probabilities(engine.logits(context));
  EXPECT_EQ(allocations(), before);
  EXPECT_EQ(best[0].label, engine.classify(image, context));
  EXPECT_EQ(best[0].probability, all[static_cast<std::size_t>(best[0].label)]);
}

}  // namespace
}  // namespace attar::test::pixel_engine_test
