// SPDX-License-Identifier: MIT
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include <attar/model/named_tensors.hpp>

namespace attar::named_tensors_test {
namespace {

using Net = Sequential<Input<1, 4, 4>, Conv2d<2, Kernel<3>>, BatchNorm2d, Flatten, Linear<3>>;

TEST(NamedTensors, AreThoseOfPyTorchsStateDict) {
  const Network<Net> network{Seed{1}};
  const auto tensors = named_tensors(network);
  std::vector<std::string> names;
  for (const auto& tensor : tensors) names.push_back(tensor.name);
  EXPECT_EQ(names, (std::vector<std::string>{"0.weight", "1.weight", "1.bias", "1.running_mean", "1.running_var",
                                             "3.weight", "3.bias"}));
  EXPECT_EQ(tensors[0].shape, (std::vector<std::int64_t>{2, 1, 3, 3}));
  EXPECT_EQ(tensors[5].shape, (std::vector<std::int64_t>{3, 32}));
  EXPECT_EQ(tensors[0].dtype, DType::f32);
}

TEST(NamedTensors, LeadToTheNetworksOwnNumbers) {
  Network<Net> network;
  named_tensors(network)[0].bytes[3] = std::byte{0x40};
  EXPECT_EQ(network.tensor("0.weight")[0], 2.0F);
}

}  // namespace
}  // namespace attar::named_tensors_test
