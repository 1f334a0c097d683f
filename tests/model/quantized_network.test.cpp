// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include "../support/small_networks.hpp"
#include <attar/model/quantized_network.hpp>

namespace attar::quantized_network_test {
namespace {

using Net = Sequential<Input<3, 4, 4>, Conv2d<8, Kernel<3>>, BatchNorm2d, ReLU, Residual<Stack<BatchNorm2d, Conv2d<8>>>,
                       GlobalAvgPool, Linear<10>>;
using Small = quantize_t<Net, Int8<PerChannel>>;
using PerTensorSmall = quantize_t<Net, Int8<PerTensor>>;

std::vector<std::string> names(const auto& network) {
  std::vector<std::string> result;
  for (const auto& tensor : named_tensors(network)) result.push_back(tensor.name);
  return result;
}

TEST(QuantizedNetwork, ListsItsTensorsAsPyTorchNamesThem) {
  const Small network;
  EXPECT_EQ(names(network),
            (std::vector<std::string>{"0.weight", "0.weight_scale", "0.bias", "3.main.0.weight", "3.main.0.bias",
                                      "3.main.0.running_mean", "3.main.0.running_var", "3.main.1.weight",
                                      "3.main.1.weight_scale", "5.weight", "5.weight_scale", "5.bias",
                                      "activation_scale", "activation_signed"}));
  const auto list = named_tensors(network);
  EXPECT_EQ(list[0].dtype, DType::s8);
  EXPECT_EQ(list[0].shape, (std::vector<std::int64_t>{8, 3, 3, 3}));
  EXPECT_EQ(list[0].bytes.size(), 216U);
  EXPECT_EQ(list[1].shape, (std::vector<std::int64_t>{8}));
  EXPECT_EQ(list[2].dtype, DType::f32);
  EXPECT_EQ(list.back().dtype, DType::u8);
}

TEST(QuantizedNetwork, HasOneScalePerTensorIfAsked) {
  const PerTensorSmall network;
  EXPECT_EQ(named_tensors(network)[1].shape, (std::vector<std::int64_t>{1}));
}

TEST(QuantizedNetwork, HasZeroPointsIfAsked) {
  using Affine = quantize_t<Net, Int8<Asymmetric>>;
  Affine network;
  EXPECT_EQ(names(network).back(), "activation_zero_point");
  EXPECT_EQ(named_tensors(network).back().dtype, DType::u8);
  EXPECT_EQ(network.zero_points().size(), Net::program.values.size() - 1);  // A norm was folded.
  network.zero_points()[1] = 7;
  EXPECT_EQ(network.model().zero_point(1), 7);
  EXPECT_TRUE(Small{}.model().zero_points.empty());
}

TEST(QuantizedNetwork, CountsItsBytes) {
  const auto count = [](const auto& network) {
    std::size_t bytes = 0;
    for (const auto& tensor : named_tensors(network)) bytes += detail::stored_bytes(tensor);
    return bytes;
  };
  EXPECT_EQ(Small::bytes, count(Small{}));
  EXPECT_EQ(PerTensorSmall::bytes, count(PerTensorSmall{}));
  using Four = quantize_t<Net, Int8<WeightBits<4>>>;
  using Two = quantize_t<Net, Int8<WeightBits<2>>>;
  EXPECT_EQ(Four::bytes, count(Four{}));
  EXPECT_EQ(Two::bytes, count(Two{}));
  using Affine = quantize_t<Net, Int8<Asymmetric>>;
  EXPECT_EQ(Affine::bytes, count(Affine{}));
  EXPECT_EQ(Small::bytes - Four::bytes, (216U + 64 + 80) / 2);
  EXPECT_EQ(Small::bytes - Two::bytes, (216U + 64 + 80) * 3 / 4);
}

TEST(QuantizedNetwork, SaysWhatBitsItsWeightsHave) {
  const quantize_t<Net, Int8<WeightBits<2>>> two;
  for (const auto& tensor : named_tensors(two)) EXPECT_EQ(tensor.bits, tensor.dtype == DType::s8 ? 2 : 0);
  for (const auto& tensor : named_tensors(quantize_t<Net, Int8<WeightBits<7>>>{})) EXPECT_EQ(tensor.bits, 0);
}

TEST(QuantizedNetwork, ListsMemoryThatCanBeFilledAndIsItsOwn) {
  Small network;
  for (const NamedTensor<std::byte>& tensor : named_tensors(network)) {
    EXPECT_EQ(tensor.bytes.size() % size_of(tensor.dtype), 0U);
    tensor.bytes[0] = std::byte{42};
  }
  const Small copy = network;
  network.weight(0)[0] = 7;
  EXPECT_EQ(copy.model().weight(0)[0], 42);
  EXPECT_EQ(network.model().weight(0)[0], 7);
}

TEST(QuantizedNetwork, IsValidFromTheBeginning) {
  EXPECT_NO_THROW(Small{}.model().validate());
}

TEST(QuantizedNetwork, IsOfTheFoldedArchitecture) {
  static_assert(std::is_same_v<Small::ArchitectureType, fold_batch_norm_t<Net>>);
  static_assert(detail::is_quantized<Small> && !detail::is_quantized<Network<Net>>);
  static_assert(Small::precision == "int8");
}

}  // namespace
}  // namespace attar::quantized_network_test
