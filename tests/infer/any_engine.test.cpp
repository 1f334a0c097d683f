// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "../io/scratch.hpp"
#include "../support/small_networks.hpp"
#include <attar/backend/eigen.hpp>
#include <attar/core/rng.hpp>
#include <attar/data/normalization.hpp>
#include <attar/infer/any_engine.hpp>
#include <attar/infer/engine.hpp>
#include <attar/infer/pixel_engine.hpp>
#include <attar/report/steps.hpp>

namespace attar::test::any_engine_test {
namespace {

using Net = Sequential<Input<3, 8, 8>, Conv2d<8, Kernel<3>>, BatchNorm2d, ReLU, GlobalAvgPool, Linear<4>>;
constexpr std::size_t size = Net::input_shape.size();
const Normalization normalization{{0.49F, 0.48F, 0.45F}, {0.25F, 0.24F, 0.26F}};

std::vector<std::uint8_t> random_pixels() {
  std::vector<std::uint8_t> pixels(size);
  Rng rng{Seed{11}};
  for (std::uint8_t& pixel : pixels) pixel = static_cast<std::uint8_t>(rng.below(256));
  return pixels;
}

TEST(AnyEngine, RunsAsTheEngineThatItWasMadeFrom) {
  const Network<Net> network = lived_in<Net>(Seed{1});
  const PixelEngine typed{network, normalization};
  const AnyEngine engine{PixelEngine{network, normalization}};
  auto typed_context = typed.make_context();
  auto context = engine.make_context();
  EXPECT_EQ(engine.input_shape(), Net::input_shape);
  EXPECT_EQ(engine.input_size(), size);
  EXPECT_EQ(engine.batch(), 1);
  EXPECT_EQ(engine.classes(), 4U);

  const std::vector<float> image = noise(size, Seed{2});
  EXPECT_TRUE(std::ranges::equal(engine(image, context), typed(image, typed_context)));
  const std::vector<std::uint8_t> pixels = random_pixels();
  EXPECT_TRUE(std::ranges::equal(engine(pixels, context), typed(pixels, typed_context)));
  EXPECT_TRUE(std::ranges::equal(engine.logits(context), typed.logits(typed_context)));
  EXPECT_EQ(engine.label(context), typed.label(typed_context));
}

TEST(AnyEngine, KeepsTheLogitsOfABatch) {
  using Batched = Engine<Network<Net>, EigenBackend, BatchSize<3>>;
  const Network<Net> network = lived_in<Net>(Seed{1});
  const Batched typed{network};
  const AnyEngine engine{Batched{network}};
  auto typed_context = typed.make_context();
  auto context = engine.make_context();
  const std::vector<float> images = noise(3 * size, Seed{3});
  EXPECT_EQ(engine(images, context).size(), 12U);
  typed(images, typed_context);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(std::ranges::equal(engine.logits(context, i), typed.logits(typed_context, i)));
    EXPECT_EQ(engine.label(context, i), typed.label(typed_context, i));
  }
}

TEST(AnyEngine, RefusesImagesOfAnotherSize) {
  const AnyEngine engine{Engine{lived_in<Net>(Seed{1})}};
  auto context = engine.make_context();
  expect_error(ErrorCode::invalid_argument, "1 of 3x8x8 (192 floats), found 191 floats",
               [&] { engine(std::vector<float>(size - 1), context); });
}

TEST(AnyEngine, TakesBytesOnlyAsAPixelEngineDoes) {
  const AnyEngine engine{Engine{lived_in<Net>(Seed{1})}};
  auto context = engine.make_context();
  expect_error(ErrorCode::invalid_argument, "192 floats, for the engine is no PixelEngine), found 192 bytes",
               [&] { engine(random_pixels(), context); });
}

TEST(AnyEngine, IsSharedByThreadsAndMoves) {
  AnyEngine first{Engine{lived_in<Net>(Seed{1})}};
  auto context = first.make_context();
  const std::vector<float> image = noise(size, Seed{2});
  const auto logits = first(image, context);
  const std::vector<float> expected{logits.begin(), logits.end()};
  const AnyEngine engine{std::move(first)};
  EXPECT_TRUE(std::ranges::equal(engine(image, context), expected));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      auto own = engine.make_context();
      for (int i = 0; i < 100; ++i) EXPECT_TRUE(std::ranges::equal(engine(image, own), expected));
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(AnyEngine, SaysWhatItsStepsAre) {
  const Engine typed{lived_in<Net>(Seed{1})};
  const AnyEngine engine{Engine{lived_in<Net>(Seed{1})}};
  EXPECT_EQ(to_text(engine.steps()), to_text(typed.steps()));
  EXPECT_NE(describe(engine).find("conv2d 3x3 + relu"), std::string::npos);
}

#ifndef NDEBUG
TEST(AnyEngineDeathTest, CatchesAContextOfAnotherEngine) {
  const AnyEngine first{Engine{lived_in<Net>(Seed{1})}};
  const AnyEngine second{Engine{lived_in<Net>(Seed{1})}};
  auto context = first.make_context();
  const std::vector<float> image = noise(size, Seed{2});
  EXPECT_DEATH(second(image, context), "with an engine that did not make it");
}
#endif

}  // namespace
}  // namespace attar::test::any_engine_test
