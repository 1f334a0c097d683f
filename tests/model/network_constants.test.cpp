// SPDX-License-Identifier: MIT
#include <bit>
#include <cstdint>

#include <gtest/gtest.h>

#include <attar/model/network_constants.hpp>

namespace attar::network_constants_test {
namespace {

using namespace attar;

constexpr std::uint64_t pair(float low, float high) {
  return std::uint64_t{std::bit_cast<std::uint32_t>(high)} << 32U | std::bit_cast<std::uint32_t>(low);
}

using Net = Sequential<Input<1, 1, 1>, Flatten, Linear<3, NoBias>>;

constexpr auto words = [] {
  struct {
    std::uint64_t array[detail::constant_words(sizeof(float) * Net::program.buffer_size)] = {};
  } numbers;
  numbers.array[0] = pair(1.0F, -2.5F);
  numbers.array[1] = pair(0.1F, 0.0F);
  return numbers;
}();

TEST(NetworkConstants, AreTheNetworksBuffer) {
  static constexpr auto kept = words;
  constexpr NetworkConstants<Net> constants{kept.array};
  const Network<Net> network = constants.network();
  EXPECT_EQ(network.tensor(0)[0], 1.0F);
  EXPECT_EQ(network.tensor(0)[1], -2.5F);
  EXPECT_EQ(network.tensor(0)[2], 0.1F);
}

}  // namespace
}  // namespace attar::network_constants_test
