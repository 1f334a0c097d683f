// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/aware/shared.hpp>
#include <attar/model/quantization_aware.hpp>

namespace attar::detail::shared_test {
namespace {

using Net = Sequential<Input<6, 1, 1>, Linear<2>, ReLU>;
using Aware = QuantizationAware<Net, Int8<>, LearnedStep>;

struct Case {
  Network<Aware> network;
  AwareShared shared{Aware::program, fuse(Aware::program, FuseFor::inference), 1};

  Case() {
    network.tensor("activation_limit")[0] = 63.5F;  // A step of 1/2.
    network.tensor("activation_signed")[0] = 1;
    shared.quantizers.update(network.buffer());
  }
};

TEST(AwareShared, QuantizesImagesAsTheEngineDoes) {
  const Case c;
  const std::vector<float> images{0.25F, 0.75F, -1.25F, 1000, -1000, std::numeric_limits<float>::quiet_NaN()};
  std::vector<float> q(6);
  c.shared.quantize_images(images.data(), 6, q.data());
  EXPECT_EQ((std::vector<float>{q.begin(), q.end() - 1}), (std::vector<float>{0, 2, -2, 127, -128}));
  EXPECT_TRUE(std::isnan(q[5])) << "but for what is wrong, which is to be found";
}

using Affine = QuantizationAware<Net, Int8<Asymmetric>, LearnedStep>;

TEST(AwareShared, KeepsNumbersLessTheirZeroPoint) {
  Network<Affine> network;
  network.tensor("activation_limit")[0] = 127.5F;  // A step of 1/2, and bytes from -20 to 235.
  network.tensor("activation_offset")[0] = -10;
  AwareShared shared{Affine::program, fuse(Affine::program, FuseFor::inference), 1};
  shared.quantizers.update(network.buffer());
  const std::vector<float> images{0.25F, 0.75F, -1.25F, 1000, -1000, std::numeric_limits<float>::quiet_NaN()};
  std::vector<float> q(6);
  shared.quantize_images(images.data(), 6, q.data());
  EXPECT_EQ((std::vector<float>{q.begin(), q.end() - 1}), (std::vector<float>{0, 2, -2, 235, -20}));
  EXPECT_TRUE(std::isnan(q[5]));
  std::vector<float> real(5);
  shared.to_real(0, q.data(), 5, real.data());
  EXPECT_EQ(real, (std::vector<float>{0, 1, -1, 117.5F, -10}));
}

TEST(AwareShared, WritesGradientsOfOffsetsWhereThereAreSome) {
  Network<Affine> gradients;
  AwareShared shared{Affine::program, fuse(Affine::program, FuseFor::inference), 1};
  shared.write_limit_gradients(1, 2.0, 3.0, gradients.buffer().data());
  shared.write_limit_gradients(2, 4.0, 5.0, gradients.buffer().data());  // The ReLU.
  EXPECT_EQ(gradients.tensor("activation_limit")[1], 2.0F);
  EXPECT_EQ(gradients.tensor("activation_offset")[1], 3.0F);
  EXPECT_EQ(gradients.tensor("activation_limit")[2], 4.0F);
  EXPECT_EQ(gradients.tensor("activation_offset")[2], 0.0F);
}

TEST(AwareShared, SaysWhatNumbersStandFor) {
  Case c;
  const std::vector<float> q{-3, 127};
  std::vector<float> real(2);
  c.shared.to_real(0, q.data(), 2, real.data());
  EXPECT_EQ(real, (std::vector<float>{-1.5F, 63.5F}));
  c.shared.to_real(2, q.data(), 2, real.data());
  EXPECT_EQ(real, q) << "logits are not rounded, and the ReLU is in the last layer";
}

TEST(AwareShared, ShowsWeightsThatAreNoNumbers) {
  Case c;
  c.network.tensor("0.weight")[1] = std::numeric_limits<float>::quiet_NaN();
  c.shared.quantizers.update(c.network.buffer());
  const std::vector<float> q{1, 2};
  std::vector<float> real(2);
  c.shared.to_real(2, q.data(), 2, real.data());
  EXPECT_TRUE(std::isnan(real[0]) && std::isnan(real[1]));
}

TEST(AwareShared, RoundsToNearestTiesToEven) {
  using Four = Floats<4>;
  const Four y{-3, 0.5F, 1.5F, 300};
  const Four unsigned_q = round_to(QuantizedRange{false}, y);
  const Four signed_q = round_to(QuantizedRange{true}, y);
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(unsigned_q[i], static_cast<float>(requantize(static_cast<double>(y[i]), false)));
    EXPECT_EQ(signed_q[i], static_cast<float>(requantize(static_cast<double>(y[i]), true)));
  }
}

TEST(AwareShared, ScalesGradientsOfLimitsAsThePapersDo) {
  // SGD moves the step by -rate / sqrt(N levels) * gradient, and so the limit by that times the levels.
  EXPECT_DOUBLE_EQ(limit_gradient_factor(LimitRule::learn, 7, 100), 7 / std::sqrt(100.0 * 7));
  EXPECT_DOUBLE_EQ(limit_gradient_factor(LimitRule::learn_clip, 255, 100), 1.0 / 255);
}

}  // namespace
}  // namespace attar::detail::shared_test
