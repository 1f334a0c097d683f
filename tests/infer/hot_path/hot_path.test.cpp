// SPDX-License-Identifier: MIT
// What a call of an engine never does: allocate, throw, touch what another thread touches. A program of its own, since
// it replaces the allocator, and since the thread sanitizer runs it (cmake --workflow --preset tsan).
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "../../support/allocations.hpp"
#include "../../support/small_networks.hpp"
#include <attar/backend/embedded.hpp>
#include <attar/backend/reference.hpp>
#include <attar/infer/engine.hpp>
#include <attar/infer/pixel_engine.hpp>
#include <attar/infer/probabilities.hpp>
#include <attar/infer/top.hpp>
#include <attar/quantize/quantize.hpp>

namespace attar::test::hot_path_test {
namespace {

/// All kinds of steps that a small network has, each a few hundred nanoseconds long.
using Tiny = Sequential<Input<3, 8, 8>, Norm3<8, Stride<2>>, ReLU, MaxPool2d<2>,
                        Residual<Stack<DepthwiseConv2d<Kernel<3>>, BatchNorm2d, HardSwish, Conv2d<8>, BatchNorm2d>>,
                        ReLU, GlobalAvgPool, Linear<10>>;

template <class A>
const Network<A>& floats() {
  static const Network<A> network = lived_in<A>(Seed{1});
  return network;
}
template <class A>
const auto& int8() {
  static const auto network =
      quantize<Int8<>, Reference<float>>(floats<A>(), noise(8 * A::input_shape.size(), Seed{9}));
  return network;
}

template <class NetworkType>
using EmbeddedEngine = Engine<std::remove_cvref_t<NetworkType>, Embedded>;

template <class EngineType>
using FixedImages = std::span<const float, EngineType::input_size>;

template <class NetworkType>
void expect_no_allocation(const NetworkType& network, Threads threads = {}) {
  using EngineType = EmbeddedEngine<NetworkType>;
  static_assert(noexcept(std::declval<const EngineType&>()(std::declval<FixedImages<EngineType>>(),
                                                           std::declval<typename EngineType::Context&>())));
  static_assert(noexcept(EngineType::label(std::declval<const typename EngineType::Context&>())));
  const EngineType engine{network, threads};
  auto context = engine.make_context();
  const std::vector<float> image = noise(EngineType::input_size, Seed{2});
  const FixedImages<EngineType> images{image};
  int labels = 0;
  if (threads.count > 1) engine(images, context);  // OpenMP makes its threads, once.
  const int calls = threads.count > 1 ? 10'000 : 100'000;
  const std::size_t asked = allocations();
  const std::size_t given_back = releases();
  for (int i = 0; i < calls; ++i) {
    engine(images, context);
    labels += EngineType::label(context);
  }
  EXPECT_EQ(allocations() - asked, 0U);
  EXPECT_EQ(releases() - given_back, 0U);
  EXPECT_EQ(labels % calls, 0);
}

TEST(HotPath, TheAllocatorIsWatched) {
  std::size_t asked = allocations();
  const std::size_t given_back = releases();
  // Called through pointers that the compiler does not know: it leaves out pairs that nobody needs.
  void* (*volatile allocate)(std::size_t) = std::malloc;
  std::free(allocate(100));
  EXPECT_EQ(allocations() - asked, 1U);
  EXPECT_EQ(releases() - given_back, 1U);
  asked = allocations();
  const std::vector<float> numbers = noise(100, Seed{1});
  EXPECT_EQ(allocations() - asked, 1U);
#ifndef ATTAR_TEST_SANITIZER  // The thread sanitizer keeps these to itself.
  asked = allocations();
  void* (*volatile allocate_aligned)(std::size_t, std::size_t) = std::aligned_alloc;
  std::free(allocate_aligned(64, 128));
  const AlignedBuffer<float> buffer{100};
  EXPECT_EQ(allocations() - asked, 2U);
#endif
}

template <class NetworkType>
void expect_no_allocation_for_pixels(const NetworkType& network) {
  using EngineType = PixelEngine<std::remove_cvref_t<NetworkType>, Embedded>;
  using Pixels = std::span<const std::uint8_t, EngineType::input_size>;
  static_assert(noexcept(
      std::declval<const EngineType&>()(std::declval<Pixels>(), std::declval<typename EngineType::Context&>())));
  const EngineType engine{network, Normalization{{0.5F, 0.4F, 0.3F}, {0.2F, 0.3F, 0.4F}}};
  auto context = engine.make_context();
  const std::vector<std::uint8_t> image(EngineType::input_size, 100);
  const Pixels pixels{image};
  float all = 0;
  const std::size_t asked = allocations();
  const std::size_t given_back = releases();
  for (int i = 0; i < 100'000; ++i) {
    engine(pixels, context);
    all += probabilities(EngineType::logits(context))[0];
    all += static_cast<float>(top<3>(EngineType::logits(context))[0].label);
  }
  EXPECT_EQ(allocations() - asked, 0U);
  EXPECT_EQ(releases() - given_back, 0U);
  EXPECT_GE(all, 0);
}

TEST(HotPath, AllocatesNothingIn100000CallsInInt8) {
  expect_no_allocation(int8<Tiny>());
}
TEST(HotPath, AllocatesNothingIn100000CallsInFloats) {
  expect_no_allocation(floats<Tiny>());
}

TEST(HotPath, AllocatesNothingOnThreadsThatShareAnImage) {
  expect_no_allocation(int8<Tiny>(), {2});
  expect_no_allocation(floats<Tiny>(), {2});
}

TEST(HotPath, AllocatesNothingFromPixelsToProbabilities) {
  expect_no_allocation_for_pixels(int8<Tiny>());
  expect_no_allocation_for_pixels(floats<Tiny>());
}

/// The logits of all images, one after the other, in a context of its own.
template <class EngineType>
std::vector<float> logits_of(const EngineType& engine, std::span<const float> images) {
  auto context = engine.make_context();
  std::vector<float> all;
  for (; !images.empty(); images = images.subspan(EngineType::input_size)) {
    const auto logits = engine(images.template first<EngineType::input_size>(), context);
    all.insert(all.end(), logits.begin(), logits.end());
  }
  return all;
}

template <class NetworkType>
void expect_same_bits_on_threads(const NetworkType& network) {
  const EmbeddedEngine<NetworkType> engine{network};
  const std::vector<float> images = noise(20 * engine.input_size, Seed{3});
  const std::vector<float> alone = logits_of(engine, images);
  for (const std::size_t count : {1U, 2U, 8U, 64U}) {
    std::vector<std::vector<float>> results(count);
    {
      std::vector<std::jthread> threads;
      for (auto& result : results) threads.emplace_back([&] { result = logits_of(engine, images); });
    }
    for (const auto& result : results) EXPECT_EQ(result, alone) << count << " threads";
  }
}

TEST(HotPath, ThreadsShareAnInt8Engine) {
  expect_same_bits_on_threads(int8<ResNetLike>());
}
TEST(HotPath, ThreadsShareAFloatEngine) {
  expect_same_bits_on_threads(floats<ResNetLike>());
}

}  // namespace
}  // namespace attar::test::hot_path_test
