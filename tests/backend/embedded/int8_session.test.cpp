// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include "../../support/small_networks.hpp"
#include <attar/backend/embedded/int8_session.hpp>
#include <attar/backend/int8_session.hpp>
#include <attar/backend/reference.hpp>
#include <attar/core/error.hpp>
#include <attar/quantize/quantize.hpp>

namespace attar::test::int8_session_test {
namespace {

template <class A, class Scheme = Int8<>>
quantize_t<A, Scheme> quantized() {
  return quantize<Scheme, Reference<float>>(lived_in<A>(Seed{1}), noise(16 * A::input_shape.size(), Seed{9}));
}

/// The logits must be those of the plain integer interpreter, to the last bit; also of images that saturate, and on
/// threads that share images.
template <class A, class Scheme = Int8<>>
void expect_exact() {
  const auto network = quantized<A, Scheme>();
  constexpr int batch = 3;
  const Int8Session<Reference<float>> oracle{network.model(), batch};
  auto oracle_context = oracle.make_context();
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    std::vector<float> images = noise(oracle.input_size(), Seed{seed});
    if (seed % 2 == 1) std::ranges::transform(images, images.begin(), [](float x) { return 20 * x; });
    std::vector<float> truth(oracle.output_size());
    oracle.run(images.data(), truth.data(), oracle_context);
    for (const int threads : {1, 2, 3, 8, 64}) {
      using Whole = typename decltype(network)::ArchitectureType;
      const detail::EmbeddedInt8Session<Whole, Scheme::weight_limit> session{network.model(), batch, {threads}};
      auto context = session.make_context();
      std::vector<float> found(truth.size());
      session.run(images.data(), found.data(), context);
      ASSERT_EQ(found, truth) << threads << " threads";
    }
  }
}

TEST(EmbeddedInt8Session, IsExactOnTheFieldsNetworks) {
  expect_exact<ResNetLike>();
  expect_exact<VggLike>();
  expect_exact<MobileNetV2Like>();
}
TEST(EmbeddedInt8Session, IsExactWithGatesAndConcatenations) {
  expect_exact<MobileNetV3Like>();
  expect_exact<DenseNetLike>();
}
TEST(EmbeddedInt8Session, IsExactWithZeroPoints) {
  using Affine = Int8<Asymmetric>;
  expect_exact<ResNetLike, Affine>();
  expect_exact<MobileNetV2Like, Affine>();
  expect_exact<MobileNetV3Like, Affine>();
  expect_exact<DenseNetLike, Affine>();
}

TEST(EmbeddedInt8Session, IsExactWithNarrowWeights) {
  expect_exact<ResNetLike, Int8<WeightBits<7>>>();
  expect_exact<ResNetLike, Int8<WeightBits<6>, Asymmetric>>();
  expect_exact<MobileNetV2Like, Int8<WeightBits<6>>>();
  expect_exact<MobileNetV3Like, Int8<WeightBits<7>>>();
  expect_exact<DenseNetLike, Int8<WeightBits<4>>>();
}

TEST(EmbeddedInt8Session, RefusesWeightsBeyondItsLimit) {
  using A = fold_batch_norm_t<VggLike>;
  const auto network = quantized<VggLike>();
  using Session = detail::EmbeddedInt8Session<A, 31>;
  EXPECT_THROW((Session{network.model(), 1, {1}}), Error);
}

TEST(EmbeddedInt8Session, RefusesWhatCannotBe) {
  using A = fold_batch_norm_t<VggLike>;
  auto network = quantized<VggLike>();
  using Session = detail::EmbeddedInt8Session<A>;
  EXPECT_THROW((Session{network.model(), 0, {1}}), Error);
  EXPECT_THROW((Session{network.model(), 1, {0}}), Error);
  network.activation_scales()[0] = 0;
  EXPECT_THROW((Session{network.model(), 1, {1}}), Error);
}

}  // namespace
}  // namespace attar::test::int8_session_test
