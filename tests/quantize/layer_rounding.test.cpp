// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "../golden/adaround.hpp"
#include <attar/quantize/layer_rounding.hpp>

namespace attar::layer_rounding_test {
namespace {

using detail::LayerRounding;
using detail::LayerSamples;
using detail::LayerWeights;

/// The layer of the golden file as a grouped convolution of one pixel.
struct GoldenLayer {
  LayerSamples samples;
  std::vector<std::int8_t> rounded = std::vector<std::int8_t>(golden::layer_weights.size());

  GoldenLayer() : samples{op(), Shape{golden::layer_groups * golden::layer_inputs}, out(), golden::layer_rows} {
    constexpr std::size_t inputs = golden::layer_inputs;
    constexpr std::size_t outputs = golden::layer_outputs;
    for (std::size_t row = 0; row < golden::layer_rows; ++row) {
      samples.set_window(row, 0, [&](std::size_t i) {
        return golden::layer_windows[(i / inputs * golden::layer_rows + row) * inputs + i % inputs];
      });
      std::vector<float> channels;
      for (std::size_t c = 0; c < golden::layer_groups * outputs; ++c) {
        channels.push_back(golden::layer_targets[(c / outputs * golden::layer_rows + row) * outputs + c % outputs]);
      }
      samples.set_target(row, channels, Activation::relu);
    }
    for (std::size_t i = 0; i < rounded.size(); ++i) {
      const float exact = golden::layer_weights[i] / golden::layer_scales[i / inputs];
      rounded[i] = static_cast<std::int8_t>(std::clamp(std::nearbyint(exact), -7.0F, 7.0F));
    }
  }

  static Op op() {
    Op op;
    op.kind = OpKind::conv2d;
    op.groups = golden::layer_groups;
    return op;
  }
  static Shape out() { return Shape{golden::layer_groups * golden::layer_outputs}; }

  LayerWeights layer() {
    return {.weights = golden::layer_weights,
            .rounded = rounded,
            .scales = golden::layer_scales,
            .bias = golden::layer_bias,
            .limit = 7,
            .activation = Activation::relu};
  }
};

TEST(LayerRounding, StepsAsPyTorchDoes) {
  GoldenLayer golden_layer;
  LayerRounding rounding{golden_layer.layer(), golden_layer.samples};
  std::vector<double> losses;
  rounding.learn({.iterations = 10, .rate = 0.05, .lambda = 0.02}, [&](double loss) { losses.push_back(loss); });
  ASSERT_EQ(losses.size(), golden::layer_losses.size());
  for (std::size_t i = 0; i < losses.size(); ++i) EXPECT_NEAR(losses[i], golden::layer_losses[i], 2e-5) << i;
}

TEST(LayerRounding, FindsABetterRoundingAStepAwayAtMost) {
  GoldenLayer golden_layer;
  const std::vector<std::int8_t> nearest = golden_layer.rounded;
  LayerRounding rounding{golden_layer.layer(), golden_layer.samples};
  const double before = rounding.error_of(golden_layer.rounded);
  rounding.learn({.iterations = 500, .rate = 0.02}, [](double) {});
  EXPECT_TRUE(rounding.finish());
  EXPECT_LT(rounding.error_of(golden_layer.rounded), 0.8 * before);
  for (std::size_t i = 0; i < nearest.size(); ++i) {
    EXPECT_LE(std::abs(golden_layer.rounded[i] - nearest[i]), 1);
    EXPECT_LE(std::abs(golden_layer.rounded[i]), 7);
  }
}

TEST(LayerRounding, KeepsTheRoundingThatIsBetter) {
  GoldenLayer golden_layer;
  LayerRounding first{golden_layer.layer(), golden_layer.samples};
  first.learn({.iterations = 500, .rate = 0.02}, [](double) {});
  ASSERT_TRUE(first.finish());
  const std::vector<std::int8_t> good = golden_layer.rounded;
  // Without a step worth the name, the learned rounding is the nearest, which is worse than what there is.
  LayerRounding second{golden_layer.layer(), golden_layer.samples};
  second.learn({.iterations = 1, .rate = 1e-9}, [](double) {});
  EXPECT_FALSE(second.finish());
  EXPECT_EQ(golden_layer.rounded, good);
}

TEST(AdaRoundOptions, AreChecked) {
  const auto refused = [](const AdaRoundOptions& options) {
    try {
      options.validate();
    } catch (const Error& error) {
      return error.code() == ErrorCode::invalid_argument;
    }
    return false;
  };
  EXPECT_NO_THROW(AdaRoundOptions{}.validate());
  EXPECT_TRUE(refused({.iterations = 0}));
  EXPECT_TRUE(refused({.batch = 0}));
  EXPECT_TRUE(refused({.positions = 0}));
  EXPECT_TRUE(refused({.rate = 0}));
  EXPECT_TRUE(refused({.rate = std::numeric_limits<double>::infinity()}));
  EXPECT_TRUE(refused({.lambda = -1}));
  EXPECT_TRUE(refused({.lambda = std::numeric_limits<double>::quiet_NaN()}));
}

}  // namespace
}  // namespace attar::layer_rounding_test
