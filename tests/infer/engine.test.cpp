// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "../support/small_networks.hpp"
#include <attar/backend/eigen.hpp>
#include <attar/backend/reference.hpp>
#include <attar/infer/engine.hpp>
#include <attar/model/narrowed_network.hpp>
#include <attar/quantize/quantization_aware.hpp>
#include <attar/quantize/quantize.hpp>

namespace attar::test::engine_test {
namespace {

using A = ResNetLike;
constexpr std::size_t size = A::input_shape.size();

quantize_t<A, Int8<MinMax>> quantized(const Network<A>& network) {
  return quantize<Int8<MinMax>>(network, std::span<const float>{noise(8 * size, Seed{9})});
}

TEST(Engine, RunsANarrowedNetworkAsTheTypeOfItsWidths) {
  using Net = Sequential<Input<3, 8, 8>, Conv2d<8, Kernel<3>>, BatchNorm2d, ReLU, GlobalAvgPool, Linear<4>>;
  using Narrow = Sequential<Input<3, 8, 8>, Conv2d<5, Kernel<3>>, BatchNorm2d, ReLU, GlobalAvgPool, Linear<4>>;
  const Network<Narrow> expected = lived_in<Narrow>(Seed{1});
  NarrowedNetwork<Net> narrowed{{5, 4}};
  std::ranges::copy(expected.buffer(), narrowed.buffer().begin());
  const Engine<NarrowedNetwork<Net>, EigenBackend> engine{narrowed};
  auto context = engine.make_context();
  const Engine<Network<Narrow>, EigenBackend> engine_of_type{expected};
  auto context_of_type = engine_of_type.make_context();
  const std::vector<float> image = noise(Net::input_shape.size(), Seed{2});
  EXPECT_TRUE(std::ranges::equal(engine(image, context), engine_of_type(image, context_of_type)));
}

TEST(Engine, RunsTheFoldedNetwork) {
  const Network<A> network = lived_in<A>(Seed{1});
  const Engine engine{network};
  auto context = engine.make_context();
  const std::vector<float> image = noise(size, Seed{2});
  const auto logits = engine(image, context);
  ASSERT_EQ(logits.size(), 10U);

  const InferenceSession<Reference<double>, double> oracle = [&] {
    const std::vector<double> wide(network.buffer().begin(), network.buffer().end());
    return InferenceSession<Reference<double>, double>{A::program, wide};
  }();
  auto oracle_context = oracle.make_context();
  const std::vector<double> wide(image.begin(), image.end());
  std::vector<double> truth(10);
  oracle.run(wide.data(), truth.data(), oracle_context);
  for (std::size_t i = 0; i < 10; ++i) EXPECT_NEAR(static_cast<double>(logits[i]), truth[i], 1e-4);
}

TEST(Engine, RunsAQuantizedNetworkTheSameOnEveryBackend) {
  const auto network = quantized(lived_in<A>(Seed{1}));
  const Engine engine{network};
  const Engine<std::remove_const_t<decltype(network)>, EigenBackend> portable{network};
  const Engine<std::remove_const_t<decltype(network)>, Reference<float>> plain{network};
  const std::vector<float> image = noise(size, Seed{2});
  auto context = engine.make_context();
  auto portable_context = portable.make_context();
  auto plain_context = plain.make_context();
  const auto logits = engine(image, context);
  EXPECT_TRUE(std::ranges::equal(portable(image, portable_context), logits));
  EXPECT_TRUE(std::ranges::equal(plain(image, plain_context), logits));
}

TEST(Engine, RunsAMixedNetwork) {
  const Network<A> network = lived_in<A>(Seed{1});
  const auto folded = fold_batch_norm(network);
  const auto int8 = quantized(network);
  const std::vector<float> image = noise(size, Seed{4});
  const auto logits_of = [&](const auto& of) {
    const Engine engine{of};
    auto context = engine.make_context();
    const auto logits = engine(image, context);
    return std::vector<float>{logits.begin(), logits.end()};
  };
  std::vector<LayerPrecision> precisions(folded.program.rows.size(), LayerPrecision::int8);
  const auto mixed = [&] { return MixedNetwork{int8, folded, std::span<const LayerPrecision>{precisions}}; };
  EXPECT_EQ(logits_of(mixed()), logits_of(int8));
  precisions.back() = LayerPrecision::fp32;
  EXPECT_NE(logits_of(mixed()), logits_of(int8));
  precisions.assign(precisions.size(), LayerPrecision::fp32);
  EXPECT_EQ(logits_of(mixed()), logits_of(network));
}

/// All kinds of networks on `Embedded`, against another backend.
TEST(Engine, RunsAllPrecisionsOnEmbedded) {
  const Network<A> network = lived_in<A>(Seed{1});
  const auto folded = fold_batch_norm(network);
  const auto int8 = quantized(network);
  const std::vector<float> image = noise(size, Seed{4});
  const auto logits_of = [&]<class Backend>(const auto& of, Backend) {
    const Engine<std::remove_cvref_t<decltype(of)>, Backend> engine{of};
    auto context = engine.make_context();
    const auto logits = engine(image, context);
    return std::vector<float>{logits.begin(), logits.end()};
  };
  EXPECT_EQ(logits_of(int8, Embedded{}), logits_of(int8, EigenBackend{}));
  const auto aware = quantization_aware<Int8<>, StraightThrough>(network, std::span{image});
  EXPECT_EQ(logits_of(aware, Embedded{}), logits_of(aware, EigenBackend{}));
  std::vector<LayerPrecision> precisions(folded.program.rows.size(), LayerPrecision::int8);
  const auto mixed = [&] { return MixedNetwork{int8, folded, std::span<const LayerPrecision>{precisions}}; };
  EXPECT_EQ(logits_of(mixed(), Embedded{}), logits_of(int8, Embedded{}));
  precisions.assign(precisions.size(), LayerPrecision::fp32);
  EXPECT_EQ(logits_of(mixed(), Embedded{}), logits_of(network, Embedded{}));
  precisions.front() = LayerPrecision::int8;
  const auto expected = logits_of(mixed(), EigenBackend{});
  const auto found = logits_of(mixed(), Embedded{});
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-4F);
}

TEST(Engine, TakesAFixedBatch) {
  const auto network = quantized(lived_in<A>(Seed{1}));
  using Model = std::remove_const_t<decltype(network)>;
  const Engine one{network};
  const Engine<Model, Embedded, BatchSize<5>> five{network, Threads{2}};
  auto context = one.make_context();
  auto context_of_five = five.make_context();
  const std::vector<float> images = noise(5 * size, Seed{2});
  const auto logits = five(images, context_of_five);
  for (std::size_t i = 0; i < 5; ++i) {
    const auto alone = one(std::span{images}.subspan(i * size, size), context);
    EXPECT_TRUE(std::ranges::equal(alone, logits.subspan(10 * i, 10)));
    EXPECT_EQ(five.label(context_of_five, static_cast<int>(i)), one.label(context));
  }
}

TEST(Engine, ClassifiesAsTheLargestLogit) {
  const Engine engine{lived_in<A>(Seed{1})};
  auto context = engine.make_context();
  for (std::uint64_t i = 0; i < 5; ++i) {
    const std::vector<float> image = noise(size, Seed{i});
    const int label = engine.classify(image, context);
    const auto logits = engine(image, context);
    EXPECT_EQ(label, std::ranges::max_element(logits) - logits.begin());
  }
}

TEST(Engine, CannotThrowForImagesOfFixedSize) {
  using Small = Engine<Network<A>>;
  static_assert(noexcept(
      std::declval<const Small&>()(std::declval<const std::array<float, size>&>(), std::declval<Small::Context&>())));
  const Engine engine{lived_in<A>(Seed{1})};
  auto context = engine.make_context();
  std::array<float, size> image{};
  const std::vector<float> numbers = noise(size, Seed{1});
  std::ranges::copy(numbers, image.begin());
  const auto logits = engine(image, context);
  const std::vector<float> first(logits.begin(), logits.end());
  EXPECT_TRUE(std::ranges::equal(engine(numbers, context), first));
}

TEST(Engine, RefusesImagesOfTheWrongSize) {
  const Engine engine{lived_in<A>(Seed{1})};
  auto context = engine.make_context();
  const std::vector<float> image(size - 1);
  try {
    engine(image, context);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
  }
}

TEST(Engine, OutlivesTheNetworkAndMoves) {
  const std::vector<float> image = noise(size, Seed{2});
  auto make = [] {
    const auto network = quantized(lived_in<A>(Seed{1}));
    return Engine{network};
  };
  const auto engine = make();
  auto context = engine.make_context();
  const Engine other{quantized(lived_in<A>(Seed{1}))};
  auto other_context = other.make_context();
  EXPECT_TRUE(std::ranges::equal(engine(image, context), other(image, other_context)));
}

TEST(Engine, IsSharedByEightThreads) {
  const Engine engine{quantized(lived_in<A>(Seed{1}))};
  std::vector<float> images = noise(20 * size, Seed{2});
  const auto run = [&] {
    auto context = engine.make_context();
    std::vector<float> all;
    for (std::size_t i = 0; i < 20; ++i) {
      const auto logits = engine(std::span{images}.subspan(i * size, size), context);
      all.insert(all.end(), logits.begin(), logits.end());
    }
    return all;
  };
  const std::vector<float> serial = run();
  std::vector<std::vector<float>> results(8);
  std::vector<std::thread> threads;
  for (auto& result : results) threads.emplace_back([&] { result = run(); });
  for (std::thread& thread : threads) thread.join();
  for (const auto& result : results) EXPECT_EQ(result, serial);
}

}  // namespace
}  // namespace attar::test::engine_test
