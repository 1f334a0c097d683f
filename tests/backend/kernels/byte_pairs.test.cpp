// SPDX-License-Identifier: MIT
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <gtest/gtest.h>

#include <attar/backend/kernels/byte_pairs.hpp>
#include <attar/core/rng.hpp>

namespace attar::test::byte_pairs_test {
namespace {

/// Lanes for which no CPU has an instruction, and those of its registers.
template <int Count>
void expect_products() {
  Rng rng{Seed{3}};
  for (int round = 0; round < 50; ++round) {
    std::array<std::uint8_t, 4 * Count> left;
    std::array<std::int8_t, 4 * Count> right;
    for (auto& number : left) number = static_cast<std::uint8_t>(round == 0 ? 255 : rng.below(256));
    for (auto& number : right)
      number = static_cast<std::int8_t>(round == 0 ? -64 : static_cast<int>(rng.below(129)) - 64);
    detail::Ints<Count> u, s;
    std::memcpy(&u, left.data(), sizeof(u));
    std::memcpy(&s, right.data(), sizeof(s));
    const detail::Pairs<Count> pairs = detail::byte_pair_products<Count>(u, s);
    std::array<std::int16_t, 2 * Count> found;
    std::memcpy(found.data(), &pairs, sizeof(pairs));
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i], left[2 * i] * right[2 * i] + left[2 * i + 1] * right[2 * i + 1]);
    }
  }
}

TEST(BytePairProducts, AreExactWhileTheyFit) {
  expect_products<2>();
  expect_products<4>();
  expect_products<detail::native_lanes>();
}

TEST(SumOfPairs, AddsHalvesOfLanesForThemselves) {
  const detail::Pairs<4> a{0x0001FFFF, 0, -1, 0x7FFF0001};
  const detail::Pairs<4> b{0x00010001, 5, 0x00010001, 0x00007FFE};
  const detail::Pairs<4> sum = detail::sum_of_pairs<4>(a, b);
  EXPECT_EQ(sum[0], 0x00020000);
  EXPECT_EQ(sum[1], 5);
  EXPECT_EQ(sum[2], 0);
  EXPECT_EQ(sum[3], 0x7FFF7FFF);
}

}  // namespace
}  // namespace attar::test::byte_pairs_test
