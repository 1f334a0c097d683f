// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/kernels/int8_tile.hpp>

namespace attar::detail::int8_tile_test {
namespace {

TEST(Int8Tile, AddsActivatesAndStores) {
  const std::vector<std::int8_t> first{-10, 0, 10, 100};
  const std::vector<std::uint8_t> second{200, 1, 0, 3};
  Int8Tile tile{4};
  tile.set(reinterpret_cast<const std::byte*>(first.data()), true, 0.5F);
  tile.add(reinterpret_cast<const std::byte*>(second.data()), false, 0.25F);
  tile.add(-1.0F);
  Int8Op op;
  op.activation = Int8Activation::clip;
  op.limit = 40;
  tile.activate(op);
  std::vector<std::byte> bytes(4);
  tile.store(false, bytes.data());
  // -5 + 50 - 1 = 44 is clipped, 0 + 0.25 - 1 is negative, 5 - 1 = 4, 50 + 0.75 - 1 is clipped.
  EXPECT_EQ(bytes, (std::vector<std::byte>{std::byte{40}, std::byte{0}, std::byte{4}, std::byte{40}}));
}

TEST(Int8Tile, HasTheHardSwishInTwoOrders) {
  Int8Op op;
  op.activation = Int8Activation::hard_swish;
  op.slope = 1.0F / 6;
  op.shift = 3;
  const std::vector<std::int8_t> bytes{-4, -1, 1, 7};
  op.result_zero = 20;
  for (const bool product : {false, true}) {
    std::vector<float> y(4);
    if (product) {
      store(y.data(),
            int8_add(int8_product_hard_swish(load_floats(bytes.data(), Lanes<4>{}), op.slope), op.result_zero),
            Lanes<4>{});
    } else {
      Int8Tile tile{4};
      tile.set(reinterpret_cast<const std::byte*>(bytes.data()), true, 1);
      tile.activate(op);
      tile.store_floats(y.data());
    }
    EXPECT_EQ(y[0], 20);
    EXPECT_NEAR(y[1], 20 - 1.0 / 3, 1e-5);
    EXPECT_NEAR(y[2], 20 + 2.0 / 3, 1e-5);
    EXPECT_EQ(y[3], 27);
  }
}

TEST(ForTiles, CoversRowsThatAreWiderThanATile) {
  constexpr std::size_t width = Int8Tile::capacity + 100;
  std::vector<int> visits(3 * width);
  for_tiles(3, width, [&](Int8Tile& tile, std::size_t row, std::size_t channel) {
    for (std::size_t i = 0; i < tile.count(); ++i) ++visits[row * width + channel + i];
  });
  EXPECT_TRUE(std::ranges::all_of(visits, [](int n) { return n == 1; }));
}

}  // namespace
}  // namespace attar::detail::int8_tile_test
