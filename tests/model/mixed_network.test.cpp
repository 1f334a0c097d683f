// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <attar/model/mixed_network.hpp>
#include <attar/model/sequential.hpp>

namespace attar::mixed_network_test {
namespace {

using enum LayerPrecision;

using Net = Sequential<Input<2, 4, 4>, Conv2d<3, Kernel<3>, Bias>, ReLU, BatchNorm2d, Conv2d<4, Kernel<1>, Bias>,
                       GlobalAvgPool, Linear<5>>;

/// Networks whose numbers tell where they come from.
QuantizedNetwork<Net> integers() {
  QuantizedNetwork<Net> network;
  for (std::size_t i = 0; i < Net::program.parameters.size(); ++i) {
    const auto index = static_cast<int>(i);
    if (Net::program.parameters[i].role == Role::weight) {
      for (auto& weight : network.weight(index)) weight = 7;
      for (float& scale : network.weight_scales(index)) scale = 0.5F;
    } else {
      for (float& number : network.numbers(index)) number = 2;
    }
  }
  for (float& scale : network.activation_scales()) scale = 0.25F;
  for (auto& flag : network.signed_values()) flag = 1;
  return network;
}
Network<Net> floats() {
  Network<Net> network;
  for (float& number : network.buffer()) number = 1.001F;
  return network;
}

MixedNetwork<Net> mixed(std::vector<LayerPrecision> rows) {
  return {integers(), floats(), rows};
}

TEST(MixedNetwork, HoldsEachLayerInItsPrecisionOnly) {
  const auto network = mixed({int8, int8, fp32, bf16, int8, int8});
  std::vector<std::string> names;
  std::size_t bytes = 0;
  for (const auto& tensor : named_tensors(network)) {
    names.push_back(tensor.name + " " + std::to_string(static_cast<int>(tensor.dtype)));
    bytes += tensor.bytes.size();
  }
  const auto typed = [](std::string name, DType type) { return name + " " + std::to_string(static_cast<int>(type)); };
  EXPECT_EQ(names, (std::vector<std::string>{
                       typed("0.weight", DType::s8), typed("0.weight_scale", DType::f32), typed("0.bias", DType::f32),
                       typed("5.weight", DType::s8), typed("5.weight_scale", DType::f32), typed("5.bias", DType::f32),
                       typed("activation_scale", DType::f32), typed("activation_signed", DType::u8),
                       typed("2.weight", DType::f32), typed("2.bias", DType::f32), typed("2.running_mean", DType::f32),
                       typed("2.running_var", DType::f32), typed("3.weight", DType::bf16), typed("3.bias", DType::f32),
                       typed("precision", DType::u8)}));
  EXPECT_EQ(network.bytes(), bytes);
  const std::size_t values = Net::program.values.size();
  EXPECT_EQ(bytes, (54 + 12 + 12) + (20 + 20 + 20) + 5 * values + 4 * 12 + (24 + 16) + 6);
}

TEST(MixedNetwork, GivesBackendsWhatTheyNeed) {
  const auto network = mixed({int8, int8, fp32, bf16, int8, int8});
  const MixedModel model = network.model();
  const auto parameter = [&](std::string_view name) { return detail::find_parameter(Net::program, name); };
  const auto number = [&](std::string_view name) {
    return model.parameters[Net::program.parameter(parameter(name)).offset];
  };
  EXPECT_EQ(model.int8.weight(parameter("0.weight"))[0], 7);
  EXPECT_EQ(model.int8.weight_scale(parameter("0.weight"), 2), 0.5F);
  EXPECT_EQ(model.int8.numbers(parameter("0.bias"))[0], 2);
  EXPECT_EQ(number("0.weight"), 0);
  EXPECT_EQ(model.int8.weight(parameter("3.weight"))[0], 0);
  EXPECT_EQ(number("2.running_var"), 1.001F);
  EXPECT_EQ(number("3.weight"), 1.0F);  // What bf16 makes of 1.001.
  EXPECT_EQ(number("3.bias"), 1.001F);
  EXPECT_EQ(model.int8.activation_scale(3), 0.25F);
  EXPECT_EQ(model.precisions[3], bf16);
  EXPECT_NO_THROW(model.int8.validate());
}

TEST(MixedNetwork, TakesZeroPointsOver) {
  QuantizedNetwork<Net, Int8<Asymmetric>> affine;
  affine.zero_points()[3] = 99;
  const std::vector<LayerPrecision> rows{int8, int8, fp32, fp32, int8, int8};
  const MixedNetwork network{affine, floats(), std::span{rows}};
  EXPECT_EQ(network.model().int8.zero_point(3), 99);
  EXPECT_TRUE(std::ranges::any_of(named_tensors(network),
                                  [](const auto& tensor) { return tensor.name == "activation_zero_point"; }));
}

TEST(MixedNetwork, IsAsLargeAsAnInt8NetworkWhereAllIsInt8) {
  const auto network = mixed(std::vector<LayerPrecision>(6, int8));
  EXPECT_EQ(network.bytes(), QuantizedNetwork<Net>::bytes + 6);
  EXPECT_EQ(network.precision, "mixed");
}

TEST(MixedNetwork, WantsAPrecisionPerRow) {
  EXPECT_THROW(mixed({int8}), Error);
}

}  // namespace
}  // namespace attar::mixed_network_test
