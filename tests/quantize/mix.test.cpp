// SPDX-License-Identifier: MIT
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "../support/small_networks.hpp"
#include <attar/backend/eigen.hpp>
#include <attar/quantize/mix.hpp>
#include <attar/quantize/quantize.hpp>

namespace attar::test::mix_test {
namespace {

using enum LayerPrecision;
using Half = class bf16;

using Net = Sequential<Input<1, 4, 4>, Conv2d<4>, BatchNorm2d, ReLU, Conv2d<4>, GlobalAvgPool, Linear<3>>;

TEST(Mix, TakesEachLayerFromTheNetworkOfItsPrecision) {
  const Network<Net> network = lived_in<Net>(Seed{1});
  const std::vector<float> images = noise(64, Seed{2});
  const auto int8_network = quantize<Int8<>, EigenBackend>(network, std::span{images});
  const auto folded = fold_batch_norm(network);
  const auto mixed = mix<MixPolicy<FirstLayer<Fp32>>>(int8_network, network, {{"5", bf16}});
  EXPECT_EQ(mixed.precisions()[0], fp32);
  EXPECT_EQ(mixed.precisions()[2], int8);
  EXPECT_EQ(mixed.precisions()[4], bf16);
  const MixedModel model = mixed.model();
  for (std::size_t i = 0; i < folded.program.parameters.size(); ++i) {
    const Parameter& parameter = folded.program.parameters[i];
    const auto index = static_cast<int>(i);
    const float found = model.parameters[parameter.offset];
    if (parameter.name.view() == "0.weight" || parameter.name.view() == "0.bias") {
      EXPECT_EQ(found, folded.tensor(index)[0]);
    } else if (parameter.name.view() == "3.weight") {
      EXPECT_EQ(found, 0);
      EXPECT_EQ(model.int8.weight(index)[1], int8_network.model().weight(index)[1]);
    } else if (parameter.name.view() == "5.weight") {
      EXPECT_EQ(found, float{Half{folded.tensor(index)[0]}});
    }
  }
}

TEST(Mix, RefusesPathsThatAreNone) {
  const Network<Net> network{Seed{1}};
  const std::vector<float> images = noise(64, Seed{2});
  const auto int8_network = quantize<Int8<>, EigenBackend>(network, std::span{images});
  EXPECT_THROW((void)mix(int8_network, network, {{"1", fp32}}), Error);
}

}  // namespace
}  // namespace attar::test::mix_test
