// SPDX-License-Identifier: MIT
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "../support/tiny_data.hpp"
#include <attar/backend/eigen.hpp>
#include <attar/prune/sensitivity.hpp>

namespace attar::test::sensitivity_test {
namespace {

using Net =
    Sequential<Input<1, 8, 8>, Conv2d<4, Kernel<3>>, ReLU, SqueezeExcite<4>, Conv2d<6, Stride<4>>, Flatten, Linear<4>>;
constexpr std::array ratios{0.0, 0.5, 0.9};

const Network<Net>& network() {
  static const Network<Net> random{Seed{2}};
  return random;
}

TEST(Sensitivity, OfChannelsIsThatOfTheNarrowedNetworks) {
  const Dataset data = corners(150);
  const Sensitivity found = channel_sensitivity<L1Norm, EigenBackend>(network(), data, ratios);
  EXPECT_EQ(found.accuracy, accuracy<EigenBackend>(Net::program, network().buffer(), data));
  ASSERT_EQ(found.layers.size(), 2U);
  EXPECT_EQ(found.layers[0].path, "0");
  EXPECT_EQ(found.layers[0].layers, std::vector<std::size_t>{0});
  // Of 2 channels or 1 a squeeze to a quarter leaves nothing: these points are left out.
  ASSERT_EQ(found.layers[0].points.size(), 1U);
  EXPECT_EQ(found.layers[0].points[0].accuracy, found.accuracy);
  EXPECT_EQ(found.layers[1].path, "3");
  ASSERT_EQ(found.layers[1].points.size(), 3U);
  EXPECT_DOUBLE_EQ(found.layers[1].points[1].removed, 0.5);
  EXPECT_DOUBLE_EQ(found.layers[1].points[2].removed, 1 - 1.0 / 6);
  const auto half = narrow(network(), {4, 3, 4});
  EXPECT_EQ(found.layers[1].points[1].accuracy, accuracy<EigenBackend>(half.program, half.buffer(), data));
}

TEST(Sensitivity, OfWeightsIsThatOfTheSparseNetworks) {
  const Dataset data = corners(150);
  const Sensitivity found = weight_sensitivity<L1Norm, EigenBackend>(network(), data, ratios);
  std::vector<std::string> paths;
  for (const LayerSensitivity& layer : found.layers) paths.push_back(layer.path);
  EXPECT_EQ(paths, (std::vector<std::string>{"0", "2.fc1", "2.fc2", "3", "5"}));
  EXPECT_EQ(found.layers[4].points[0].accuracy, found.accuracy);
  const auto sparse = prune<Weights<L1Norm>>(network(), LayerRatios{{"5", 0.9}});
  EXPECT_EQ(found.layers[4].points[2].accuracy, accuracy<EigenBackend>(Net::program, sparse.network.buffer(), data));
}

Sensitivity made_up() {
  return {.removed = "channels",
          .accuracy = 90,
          .layers = {{.path = "0", .layers = {0, 2}, .points = {{0.25, 90}, {0.5, 88}, {0.75, 50}}},
                     {.path = "3", .layers = {1}, .points = {{0.25, 91}, {0.5, 89.5}, {0.75, 89}}},
                     {.path = "5", .layers = {3}, .points = {{0.25, 20}}}}};
}

TEST(Sensitivity, GivesTheRatiosThatCostLittle) {
  EXPECT_EQ(ratios_within(made_up(), 1), (LayerRatios{{"0", 0.25}, {"3", 0.75}}));
  EXPECT_EQ(ratios_within(made_up(), 2), (LayerRatios{{"0", 0.5}, {"3", 0.75}}));
}

TEST(Sensitivity, GivesWeightsRelativeToTheMean) {
  // Mean losses are 14, 0.5 and 70 points, 28.17 on average.
  const std::vector<double> weights = layer_weights(made_up(), 5);
  ASSERT_EQ(weights.size(), 5U);
  EXPECT_NEAR(weights[0], 14 / (84.5 / 3), 1e-12);
  EXPECT_EQ(weights[2], weights[0]);
  EXPECT_EQ(weights[1], 0.1);
  EXPECT_NEAR(weights[3], 70 / (84.5 / 3), 1e-12);
  EXPECT_EQ(weights[4], 1);
}

TEST(Sensitivity, RatiosOutsideOfTheirRangeAreRefused) {
  for (const double ratio : {-0.1, 1.0, std::nan("")}) {
    try {
      static_cast<void>(channel_sensitivity<L1Norm, EigenBackend>(network(), corners(10), std::array{ratio}));
      ADD_FAILURE() << "no error for " << ratio;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    }
  }
}

}  // namespace
}  // namespace attar::test::sensitivity_test
