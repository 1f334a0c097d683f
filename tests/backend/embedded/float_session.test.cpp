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

namespace attar::test {
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

TEST(EmbeddedFloatSession, RefusesParametersOfAnotherSize) {
  const std::vector<float> few(3);
  EXPECT_THROW((detail::EmbeddedFloatSession<fold_batch_norm_t<VggLike>>{few, 1, {1}}), Error);
}

}  // namespace
}  // namespace attar::test
