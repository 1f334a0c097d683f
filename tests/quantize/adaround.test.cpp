// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "../support/small_networks.hpp"
#include "../support/tiny_data.hpp"
#include <attar/backend/reference.hpp>
#include <attar/quantize/adaround.hpp>
#include <attar/quantize/quantize.hpp>

namespace attar::test::adaround_test {
namespace {

/// Every kind of layer that is rounded: dense, depthwise, grouped, behind a sum, and two linear ones behind a
/// flattening.
using Net = Sequential<Input<2, 6, 6>, Conv2d<8, Kernel<3>>, BatchNorm2d, ReLU,
                       Residual<Stack<DepthwiseConv2d<Kernel<3>>, BatchNorm2d, ReLU6, Conv2d<8, Groups<2>>>>, ReLU,
                       MaxPool2d<2>, Flatten, Linear<12>, ReLU, Linear<4>>;
using Scheme = Int8<WeightBits<4>>;
using Quantized = quantize_t<Net, Scheme>;
constexpr AdaRoundOptions quick{.iterations = 300, .batch = 64, .positions = 1000, .progress = false};

struct Case {
  Network<Net> network = lived_in<Net>(Seed{1});
  std::vector<float> images = noise(48 * Net::input_shape.size(), Seed{2});  // Two batches, one of them not full.
  Quantized nearest = quantize<Scheme>(network, std::span<const float>{images});

  template <class Backend = DefaultBackend>
  [[nodiscard]] Quantized round(const AdaRoundOptions& options = quick) const {
    return adaround<Backend>(nearest, network, images, options);
  }
};

/// The mean squared error of the logits.
double error_of(const Case& given, const auto& quantized) {
  const int count = 48;
  const InferenceSession<DefaultBackend> floats{Net::program, given.network.buffer(), count};
  const Int8Session<DefaultBackend> session{quantized.model(), count};
  std::vector<float> wanted(floats.output_size());
  std::vector<float> found(wanted.size());
  auto float_context = floats.make_context();
  auto context = session.make_context();
  floats.run(given.images.data(), wanted.data(), float_context);
  session.run(given.images.data(), found.data(), context);
  double sum = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) sum += std::pow(wanted[i] - found[i], 2);
  return sum / static_cast<double>(wanted.size());
}

TEST(AdaRound, BringsTheLogitsNearerToThoseOfTheFloatNetwork) {
  const Case given;
  const Quantized rounded = given.round();
  EXPECT_LT(error_of(given, rounded), 0.6 * error_of(given, given.nearest));
}

TEST(AdaRound, KnowsZeroPoints) {
  const Case given;
  const auto nearest = quantize<Int8<WeightBits<4>, Asymmetric>>(given.network, given.images);
  ASSERT_GT(nearest.model().zero_point(0), 0);
  EXPECT_LT(error_of(given, adaround(nearest, given.network, given.images, quick)), 0.6 * error_of(given, nearest));
}

TEST(AdaRound, MovesWeightsByOneStepAtMostAndNothingElse) {
  Case given;
  Quantized rounded = given.round();
  std::size_t moved = 0;
  for (std::size_t i = 0; i < Quantized::program.parameters.size(); ++i) {
    const auto index = static_cast<int>(i);
    if (Quantized::program.parameters[i].role != Role::weight) {
      EXPECT_TRUE(std::ranges::equal(rounded.numbers(index), given.nearest.numbers(index)));
      continue;
    }
    EXPECT_TRUE(std::ranges::equal(rounded.weight_scales(index), given.nearest.weight_scales(index)));
    const auto after = rounded.weight(index);
    const auto before = given.nearest.weight(index);
    for (std::size_t k = 0; k < after.size(); ++k) {
      EXPECT_LE(std::abs(after[k] - before[k]), 1);
      EXPECT_LE(std::abs(after[k]), 7);
      moved += after[k] != before[k] ? 1U : 0U;
    }
  }
  EXPECT_GT(moved, 20U);
  EXPECT_TRUE(std::ranges::equal(rounded.activation_scales(), given.nearest.activation_scales()));
  EXPECT_TRUE(std::ranges::equal(rounded.signed_values(), given.nearest.signed_values()));
}

TEST(AdaRound, IsReproducibleAndDependsOnTheSeedOnly) {
  const Case given;
  AdaRoundOptions options = quick;
  options.iterations = 50;
  options.positions = 300;
  const Quantized once = given.round(options);
  const Quantized again = given.round(options);
  EXPECT_TRUE(std::ranges::equal(once.model().weights, again.model().weights));
  options.seed = Seed{9};
  const Quantized other = given.round(options);
  EXPECT_FALSE(std::ranges::equal(once.model().weights, other.model().weights));
}

TEST(AdaRound, KeepsZerosOfSparseNetworks) {
  MaskedNetwork<Net> sparse{lived_in<Net>(Seed{3}), {}};
  Rng rng{Seed{4}};
  for (const Parameter& parameter : Net::program.parameters) {
    if (parameter.role != Role::weight) continue;
    for (std::size_t i = 0; i < parameter.size; ++i) {
      if (rng.below(2) == 0) sparse.mask.drop(parameter.offset + i);
    }
  }
  sparse.mask(sparse.network.buffer().first(Net::program.trainable_size));
  const std::vector<float> images = noise(16 * Net::input_shape.size(), Seed{5});
  auto int4 = quantize<Scheme>(sparse, std::span<const float>{images});
  auto rounded = adaround(int4, sparse, images, quick);
  static_assert(std::is_same_v<decltype(rounded), Sparse<Quantized>>);
  const auto folded = fold_batch_norm(sparse.network);
  std::size_t zeros = 0;
  for (std::size_t i = 0; i < Quantized::program.parameters.size(); ++i) {
    const auto index = static_cast<int>(i);
    if (Quantized::program.parameters[i].role != Role::weight) continue;
    for (std::size_t k = 0; k < folded.tensor(index).size(); ++k) {
      if (folded.tensor(index)[k] != 0) continue;
      EXPECT_EQ(rounded.network.weight(index)[k], 0);
      ++zeros;
    }
  }
  EXPECT_GT(zeros, 100U);
  EXPECT_FALSE(std::ranges::equal(rounded.network.model().weights, int4.network.model().weights));
}

ErrorCode code_of(auto&& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::backend_failure;  // Nothing was thrown.
}

TEST(AdaRound, RefusesWhatCannotBe) {
  Case given;
  const auto round = [&](const auto& images) { (void)adaround(given.nearest, given.network, images, quick); };
  EXPECT_EQ(code_of([&] { round(std::vector<float>{}); }), ErrorCode::invalid_data);
  EXPECT_EQ(code_of([&] { round(std::vector<float>(5)); }), ErrorCode::architecture_mismatch);
  EXPECT_EQ(code_of([&] { round(corners(4)); }), ErrorCode::architecture_mismatch);
  EXPECT_EQ(code_of([&] { (void)given.round({.iterations = 0}); }), ErrorCode::invalid_argument);
  given.images[3] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(code_of([&] { round(given.images); }), ErrorCode::not_finite);
  detail::interrupt_requested.store(true);
  given.images[3] = 0;
  EXPECT_EQ(code_of([&] { round(given.images); }), ErrorCode::interrupted);
  detail::interrupt_requested.store(false);
}

}  // namespace
}  // namespace attar::test::adaround_test
