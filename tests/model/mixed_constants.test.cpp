// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdint>

#include <gtest/gtest.h>

#include <attar/core/error.hpp>
#include <attar/model/mixed_constants.hpp>

namespace attar::mixed_constants_test {
namespace {

using namespace attar;

using Net = Sequential<Input<1, 1, 1>, Flatten, Linear<4, NoBias>>;
static_assert(Net::program.rows.size() == 2);

// Two values have 8 bytes of scales and 2 of signs.
constexpr std::uint8_t int8_rows[2] = {0, 0};
constexpr std::uint8_t float_rows[2] = {0, 2};
constexpr std::uint8_t wrong_rows[2] = {0, 3};

TEST(MixedConstants, HoldEachLayerInItsPrecision) {
  MixedNetwork<Net> network;
  const auto count_bytes = [&](const std::uint8_t* rows) {
    std::vector<LayerPrecision> precisions;
    for (int i = 0; i < 2; ++i) precisions.push_back(static_cast<LayerPrecision>(rows[i]));
    network.arrange(precisions);
    return network.bytes();
  };
  const auto int8_bytes = count_bytes(int8_rows);
  const auto float_bytes = count_bytes(float_rows);
  EXPECT_NE(int8_bytes, float_bytes);
}

TEST(MixedConstants, RefuseWhatDoesNotFit) {
  static constexpr std::uint64_t few[1] = {0};
  static constexpr std::uint64_t many[100] = {0};
  for (const auto& constants : {MixedConstants<Net>{int8_rows, few}, MixedConstants<Net>{float_rows, many},
                                MixedConstants<Net>{wrong_rows, many}}) {
    try {
      static_cast<void>(constants.network());
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::invalid_data);
    }
  }
}

}  // namespace
}  // namespace attar::mixed_constants_test
