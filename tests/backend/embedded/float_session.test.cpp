// SPDX-License-Identifier: MIT
#include <cstddef>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "../../support/small_networks.hpp"
#include <attar/backend/embedded/float_session.hpp>
#include <attar/backend/inference_session.hpp>
#include <attar/backend/reference.hpp>
#include <attar/core/error.hpp>
#include <attar/model/fold_batch_norm.hpp>

namespace attar::test::float_session_test {
namespace {

template <class Whole>
void expect_near_the_oracle() {
  const auto network = fold_batch_norm(lived_in<Whole>(Seed{1}));
  using A = typename decltype(network)::ArchitectureType;
  const std::vector<double> wide(network.buffer().begin(), network.buffer().end());
  const InferenceSession<Reference<double>, double> oracle{A::program, wide, 2};
  const detail::EmbeddedFloatSession<A> session{network.buffer(), 2, {2}};
  auto oracle_context = oracle.make_context();
  auto context = session.make_context();
  const std::vector<float> images = noise(2 * A::input_shape.size(), Seed{4});
  const std::vector<double> wide_images(images.begin(), images.end());
  std::vector<double> truth(oracle.output_size());
  std::vector<float> found(truth.size());
  oracle.run(wide_images.data(), truth.data(), oracle_context);
  session.run(images.data(), found.data(), context);
  for (std::size_t i = 0; i < truth.size(); ++i) EXPECT_NEAR(static_cast<double>(found[i]), truth[i], 1e-4);
}

TEST(EmbeddedFloatSession, IsNearTheOracle) {
  expect_near_the_oracle<ResNetLike>();
  expect_near_the_oracle<VggLike>();
  expect_near_the_oracle<MobileNetV2Like>();
  expect_near_the_oracle<MobileNetV3Like>();
  expect_near_the_oracle<DenseNetLike>();
}

template <class Whole>
void expect_same_bits_on_threads() {
  const auto network = fold_batch_norm(lived_in<Whole>(Seed{1}));
  using Session = detail::EmbeddedFloatSession<typename decltype(network)::ArchitectureType>;
  for (const int batch : {1, 3}) {
    const std::vector<float> images = noise(static_cast<std::size_t>(batch) * Whole::input_shape.size(), Seed{4});
    const auto logits = [&](int threads) {
      const Session session{network.buffer(), batch, {threads}};
      auto context = session.make_context();
      std::vector<float> found(session.output_size());
      session.run(images.data(), found.data(), context);
      return found;
    };
    const std::vector<float> truth = logits(1);
    for (const int threads : {2, 3, 8, 64}) EXPECT_EQ(logits(threads), truth) << batch << ' ' << threads;
  }
}

TEST(EmbeddedFloatSession, GivesTheSameBitsOnThreadsThatShareAnImage) {
  expect_same_bits_on_threads<ResNetLike>();
  expect_same_bits_on_threads<VggLike>();
  expect_same_bits_on_threads<MobileNetV2Like>();
  expect_same_bits_on_threads<MobileNetV3Like>();
  expect_same_bits_on_threads<DenseNetLike>();
}

// Nobody may see a feature map that other threads are still at, or have written over.
TEST(EmbeddedFloatSession, ShowsWholeFeatureMapsWithMoreThreadsThanImages) {
  const auto network = fold_batch_norm(lived_in<ResNetLike>(Seed{1}));
  using Session = detail::EmbeddedFloatSession<typename decltype(network)::ArchitectureType>;
  const std::vector<float> image = noise(ResNetLike::input_shape.size(), Seed{4});
  const auto seen = [&](int threads) {
    const Session session{network.buffer(), 1, {threads}};
    auto context = session.make_context();
    std::vector<float> all;
    std::vector<float> found(session.output_size());
    session.run(image.data(), found.data(), context,
                [&](int, std::span<const float> numbers) { all.insert(all.end(), numbers.begin(), numbers.end()); });
    return all;
  };
  EXPECT_EQ(seen(3), seen(1));
}

TEST(EmbeddedFloatSession, RefusesParametersOfAnotherSize) {
  const std::vector<float> few(3);
  EXPECT_THROW((detail::EmbeddedFloatSession<fold_batch_norm_t<VggLike>>{few, 1, {1}}), Error);
}

}  // namespace
}  // namespace attar::test::float_session_test
