// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "../support/int8_exact.hpp"
#include "../support/small_networks.hpp"
#include <attar/backend/default_backend.hpp>
#include <attar/backend/eigen.hpp>
#include <attar/backend/int8_session.hpp>
#include <attar/quantize/quantize.hpp>

namespace attar::test::int8_session_test {
namespace {

template <class Scheme = Int8<>, class A>
quantize_t<A, Scheme> quantized(const Network<A>& network, std::size_t count = 16) {
  const std::vector<float> images = noise(count * A::input_shape.size(), Seed{9});
  return quantize<Scheme>(network, std::span<const float>{images});
}

/// How far the logits of int8 are from those of the floats, in units of the logits' spread.
template <class A, class Scheme = Int8<>>
double distance_from_floats(Seed seed = Seed{1}, std::size_t calibration = 16) {
  const Network<A> network = lived_in<A>(seed);
  const auto small = quantized<Scheme>(network, calibration);
  const InferenceSession<DefaultBackend> floats{A::program, network.buffer(), 8};
  const Int8Session<DefaultBackend> bytes{small.model(), 8};
  auto context = floats.make_context();
  auto context8 = bytes.make_context();
  const std::vector<float> images = noise(floats.input_size(), Seed{4});
  std::vector<float> expected(floats.output_size());
  std::vector<float> found(floats.output_size());
  floats.run(images.data(), expected.data(), context);
  bytes.run(images.data(), found.data(), context8);
  double error = 0;
  double spread = 0;
  double mean = 0;
  for (const float x : expected) mean += static_cast<double>(x) / static_cast<double>(expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    error += std::pow(static_cast<double>(found[i] - expected[i]), 2);
    spread += std::pow(static_cast<double>(expected[i]) - mean, 2);
  }
  return std::sqrt(error / spread);
}

TEST(Int8Session, IsNearTheFloats) {
  EXPECT_LT(distance_from_floats<ResNetLike>(), 0.05);
  EXPECT_LT(distance_from_floats<VggLike>(), 0.05);
  EXPECT_LT(distance_from_floats<MobileNetV2Like>(), 0.08);
  EXPECT_LT(distance_from_floats<MobileNetV3Like>(), 0.12);
  EXPECT_LT(distance_from_floats<DenseNetLike>(), 0.08);
}

// A hard swish gives few negative numbers, for which half of a symmetric grid is kept.
TEST(Int8Session, IsNearerToTheFloatsWithZeroPoints) {
  double with = 0;
  double without = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    with += distance_from_floats<MobileNetV3Like, Int8<Asymmetric>>(Seed{seed}, 256);
    without += distance_from_floats<MobileNetV3Like>(Seed{seed}, 256);
  }
  EXPECT_LT(with, 0.9 * without);
}

template <class A, class Scheme = Int8<>>
void expect_exact_network() {
  const auto network = quantized<Scheme>(lived_in<A>(Seed{1}));
  for (const int batch : {1, 3}) {
    const std::vector<float> images = noise(static_cast<std::size_t>(batch) * A::input_shape.size(), Seed{2});
    expect_exact<DefaultBackend>(network.model(), images, batch);
    expect_exact<EigenBackend>(network.model(), images, batch);
  }
}

TEST(Int8Session, IsExactOnTheFieldsNetworks) {
  expect_exact_network<ResNetLike>();
  expect_exact_network<VggLike>();
  expect_exact_network<MobileNetV2Like>();
  expect_exact_network<MobileNetV3Like>();
  expect_exact_network<DenseNetLike>();
}

TEST(Int8Session, IsExactOnTheFieldsNetworksWithZeroPoints) {
  expect_exact_network<ResNetLike, Int8<Asymmetric>>();
  expect_exact_network<MobileNetV2Like, Int8<Asymmetric>>();
  expect_exact_network<MobileNetV3Like, Int8<Asymmetric, WeightBits<7>>>();
  expect_exact_network<DenseNetLike, Int8<Asymmetric, PerTensor>>();
}

TEST(Int8Session, QuantizesImagesAndSaturates) {
  using Tiny = Sequential<Input<6, 1, 1>, Linear<1>>;
  QuantizedNetwork<Tiny> network;
  network.activation_scales()[0] = 0.5F;
  network.signed_values()[0] = 1;
  const Int8Session<DefaultBackend> session{network.model()};
  auto context = session.make_context();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> images{0.25F, 0.75F, -1.25F, 1000, -1000, nan};
  std::vector<std::int8_t> seen;
  float logit = 0;
  session.run(images.data(), &logit, context, [&](int value, std::span<const std::byte> bytes) {
    if (value != 0) return;
    for (const std::byte byte : bytes) seen.push_back(static_cast<std::int8_t>(byte));
  });
  EXPECT_EQ(seen, (std::vector<std::int8_t>{0, 2, -2, 127, -128, -128}));
}

TEST(Int8Session, GivesFloatsWhereTheLastLayerIsNoProduct) {
  using Pooled = Sequential<Input<3, 4, 4>, Conv2d<5, Kernel<3>>, ReLU, GlobalAvgPool>;
  const Network<Pooled> network{Seed{1}};
  const auto small = quantized(network);
  const Int8Session<DefaultBackend> session{small.model()};
  auto context = session.make_context();
  const std::vector<float> images = noise(session.input_size(), Seed{2});
  std::vector<float> logits(5);
  std::size_t bytes_of_result = 0;
  session.run(images.data(), logits.data(), context,
              [&](int, std::span<const std::byte> bytes) { bytes_of_result = bytes.size(); });
  EXPECT_EQ(bytes_of_result, 5U);
  const float scale = small.model().activation_scale(Pooled::program.output);
  for (const float logit : logits) EXPECT_EQ(logit, std::nearbyint(logit / scale) * scale);
}

TEST(Int8Session, IsSharedByThreadsWithAContextEach) {
  const auto network = quantized(lived_in<MobileNetV3Like>(Seed{1}));
  const Int8Session<DefaultBackend> session{network.model(), 1, Threads{1}};
  constexpr std::size_t count = 40;
  const auto all = [&](auto& context) {
    std::vector<std::vector<float>> results;
    for (std::size_t i = 0; i < count; ++i) {
      const std::vector<float> images = noise(session.input_size(), Seed{i});
      results.emplace_back(session.output_size());
      session.run(images.data(), results.back().data(), context);
    }
    return results;
  };
  auto context = session.make_context();
  const auto serial = all(context);
  std::vector<std::vector<std::vector<float>>> parallel(2);
  std::vector<std::thread> threads;
  for (auto& results : parallel) {
    threads.emplace_back([&] {
      auto own = session.make_context();
      results = all(own);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(parallel[0], serial);
  EXPECT_EQ(parallel[1], serial);
}

TEST(Int8Session, GivesTheSameBitsForAnyBatchAndNumberOfThreads) {
  const auto network = quantized(lived_in<DenseNetLike>(Seed{1}));
  const std::vector<float> images = noise(6 * DenseNetLike::input_shape.size(), Seed{2});
  const auto logits_of = [&](int batch, int threads) {
    const Int8Session<DefaultBackend> session{network.model(), batch, Threads{threads}};
    auto context = session.make_context();
    std::vector<float> logits(60);
    for (std::size_t i = 0; i < 6; i += static_cast<std::size_t>(batch)) {
      session.run(images.data() + i * DenseNetLike::input_shape.size(), logits.data() + i * 10, context);
    }
    return logits;
  };
  const std::vector<float> one = logits_of(1, 1);
  EXPECT_EQ(logits_of(6, 1), one);
  EXPECT_EQ(logits_of(3, 2), one);
  EXPECT_EQ(logits_of(1, 2), one);
}

TEST(Int8Session, RefusesScalesThatCannotBe) {
  for (const float bad :
       {0.0F, -1.0F, std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    auto network = quantized(lived_in<ResNetLike>(Seed{1}));
    network.activation_scales()[3] = bad;
    try {
      Int8Session<DefaultBackend>{network.model()};
      ADD_FAILURE() << bad;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::invalid_data);
      EXPECT_NE(std::string{error.what()}.find("activation_scale"), std::string::npos);
    }
  }
}

/// A session of the network is refused because of the zero point of a value.
template <class Quantized>
void expect_zero_point_refused(const Quantized& network, int value) {
  try {
    Int8Session<DefaultBackend>{network.model()};
    ADD_FAILURE() << value;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_data);
    EXPECT_EQ(error.subject(), "int8 model, activation_zero_point[" + std::to_string(value) + "]");
  }
}

TEST(Int8Session, RefusesZeroPointsThatCannotBe) {
  for (const Op& op : fuse(fold_batch_norm_t<VggLike>::program, FuseFor::inference).ops) {
    if (op.kind != OpKind::max_pool && op.activation != Activation::relu) continue;
    auto network = quantized<Int8<Asymmetric>>(lived_in<VggLike>(Seed{1}));
    network.zero_points()[static_cast<std::size_t>(op.output)] = 1;
    expect_zero_point_refused(network, op.output);
  }
  auto network = quantized<Int8<Asymmetric>>(lived_in<VggLike>(Seed{1}));
  ASSERT_GT(network.zero_points()[0], 0);
  network.signed_values()[0] = 1;
  expect_zero_point_refused(network, 0);
}

TEST(Int8Session, RefusesAPoolingThatChangesTheScale) {
  auto network = quantized(lived_in<VggLike>(Seed{1}));
  for (const Op& op : fuse(network.program, FuseFor::inference).ops) {
    if (op.kind == OpKind::max_pool) network.activation_scales()[static_cast<std::size_t>(op.output)] *= 2;
  }
  EXPECT_THROW(Int8Session<DefaultBackend>{network.model()}, Error);
}

}  // namespace
}  // namespace attar::test::int8_session_test
