// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include "../support/tiny_data.hpp"
#include <attar/backend/inference_session.hpp>
#include <attar/data/normalizer.hpp>
#include <attar/model/network.hpp>
#include <attar/train/reestimate_norms.hpp>

namespace attar::reestimate_norms_test {
namespace {

using First = Sequential<Input<1, 8, 8>, BatchNorm2d, Flatten, Dropout<Rate<1, 2>>, Linear<4>>;
using Net = Sequential<Input<1, 8, 8>, Conv2d<6, Kernel<3>>, BatchNorm2d, ReLU, Conv2d<5, Kernel<3>>, BatchNorm2d,
                       GlobalAvgPool, Linear<4>>;

/// All images as a network sees them.
std::vector<float> normalized(const Dataset& data) {
  const Normalizer normalize{data.shape(), data.normalization()};
  const std::size_t size = data.shape().size();
  std::vector<float> images(data.size() * size);
  for (std::size_t i = 0; i < data.size(); ++i) normalize(data.image(i), std::span{images}.subspan(i * size, size));
  return images;
}

TEST(ReestimateNorms, GivesMeanAndVarianceOfAllImages) {
  const Dataset data = test::corners(96);
  Network<First> network{Seed{1}};
  network.tensor("0.running_mean")[0] = 17;
  network.tensor("0.running_var")[0] = 1e6F;
  const std::vector<float> before{network.trainable().begin(), network.trainable().end()};
  reestimate_norms(network, data, {.batch_size = 32});

  double sum = 0;
  double squares = 0;
  const std::vector<float> images = normalized(data);
  for (const float x : images) {
    sum += static_cast<double>(x);
    squares += static_cast<double>(x) * static_cast<double>(x);
  }
  const auto count = static_cast<double>(images.size());
  const double mean = sum / count;
  EXPECT_NEAR(network.tensor("0.running_mean")[0], mean, 1e-6);
  EXPECT_NEAR(network.tensor("0.running_var")[0], (squares - count * mean * mean) / (count - 1), 1e-5);
  EXPECT_TRUE(std::ranges::equal(network.trainable(), before)) << "weights have changed";
}

/// With one batch of all images a norm has the very statistics that training would use: inference and training agree.
TEST(ReestimateNorms, MakesInferenceAgreeWithTraining) {
  const Dataset data = test::corners(64);
  Network<Net> network{Seed{1}};
  for (float& mean : network.tensor("1.running_mean")) mean = 3;
  reestimate_norms(network, data, {.batch_size = 64});

  const std::vector<float> images = normalized(data);
  const InferenceSession<DefaultBackend> inference{Net::program, network.buffer(), 64};
  std::vector<float> logits(inference.output_size());
  auto context = inference.make_context();
  inference.run(images.data(), logits.data(), context);
  TrainingSession<DefaultBackend> training{Net::program, 64};
  const std::span<const float> expected = training.forward(images, network.buffer(), 0);
  for (std::size_t i = 0; i < logits.size(); ++i) {
    // The running variance is unbiased: 4096 pixels against 4095.
    EXPECT_NEAR(logits[i], expected[i], 2e-3F * (1 + std::abs(expected[i]))) << i;
  }
}

TEST(ReestimateNorms, TakesSoManyImages) {
  const Dataset data = test::corners(128);
  const auto statistics = [&](const NormData& options) {
    Network<First> network{Seed{1}};
    reestimate_norms(network, data, options);
    return network.tensor("0.running_mean")[0];
  };
  EXPECT_NE(statistics({.batch_size = 32, .images = 64}), statistics({.batch_size = 32}));
  EXPECT_EQ(statistics({.batch_size = 32, .images = 64}), statistics({.batch_size = 32, .images = 64}));
  EXPECT_NE(statistics({.batch_size = 32, .images = 64}),
            statistics({.batch_size = 32, .images = 64, .seed = Seed{2}}));
}

TEST(ReestimateNorms, RefusesWhatIsNoBatchOfItsImages) {
  Network<First> network{Seed{1}};
  const auto code = [&](const NormData& options) {
    try {
      reestimate_norms(network, test::corners(32), options);
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::interrupted;
  };
  EXPECT_EQ(code({.batch_size = 33}), ErrorCode::invalid_argument);
  EXPECT_EQ(code({.batch_size = 0}), ErrorCode::invalid_argument);
  EXPECT_EQ(code({.batch_size = 8, .images = 33}), ErrorCode::invalid_argument);
  using Larger = Sequential<Input<1, 9, 9>, BatchNorm2d, Flatten, Linear<4>>;
  Network<Larger> larger{Seed{1}};
  EXPECT_THROW(reestimate_norms(larger, test::corners(32), {.batch_size = 8}), Error);
}

}  // namespace
}  // namespace attar::reestimate_norms_test
