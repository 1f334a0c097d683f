// SPDX-License-Identifier: MIT
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/kernels/int8_pairs.hpp>
#include <attar/core/rng.hpp>

namespace attar::test::int8_pairs_test {
namespace {

std::vector<std::int16_t> numbers(std::size_t count, Seed seed) {
  std::vector<std::int16_t> result(count);
  Rng rng{seed};
  for (std::int16_t& x : result) x = static_cast<std::int16_t>(static_cast<int>(rng.below(511)) - 255);
  return result;
}

/// Two parts of three pairs, the second part further on, against plain loops.
template <int Pixels, int Vectors>
void expect_exact() {
  constexpr std::size_t lanes = detail::native_lanes;
  constexpr std::size_t outputs = Vectors * lanes;
  constexpr std::size_t step = 4;
  const std::array<std::size_t, 2> offsets{1, 90};
  const std::vector<std::int16_t> left = numbers(200, Seed{1});
  const std::vector<std::int16_t> right = numbers(2 * 3 * 2 * outputs, Seed{2});
  std::vector<std::int32_t> sums(Pixels * outputs);
  detail::pair_products<Pixels, Vectors>({offsets.data(), 2, 3}, left.data(), step, right.data(), sums.data());
  for (std::size_t pixel = 0; pixel < Pixels; ++pixel) {
    for (std::size_t output = 0; output < outputs; ++output) {
      std::int32_t sum = 0;
      for (std::size_t k = 0; k < 12; ++k) {
        const std::size_t row = k / 2 * outputs + output;
        sum += std::int32_t{left[pixel * step + offsets[k / 6] + k % 6]} * right[2 * row + k % 2];
      }
      EXPECT_EQ(sums[pixel * outputs + output], sum) << pixel << ' ' << output;
    }
  }
}

TEST(PairProducts, AreThoseOfPlainLoops) {
  expect_exact<1, 1>();
  expect_exact<1, 2>();
  expect_exact<4, 1>();
  expect_exact<5, 2>();
  expect_exact<6, 2>();
}

// Every width that a target may have, the general form among them.
template <int Count>
void expect_exact_lanes() {
  const std::vector<std::int16_t> right = numbers(2 * Count, Seed{3});
  const std::array<std::int16_t, 2> left{-128, 255};
  std::int32_t pair;
  std::memcpy(&pair, left.data(), sizeof(pair));
  const detail::Lanes<Count> lanes{};
  const auto sums =
      detail::add_pair_products(detail::splat<detail::Ints<Count>>(7), detail::splat<detail::Pairs<Count>>(pair),
                                detail::load_pairs(right.data(), lanes), lanes);
  for (std::size_t i = 0; i < Count; ++i) EXPECT_EQ(sums[i], 7 - 128 * right[2 * i] + 255 * right[2 * i + 1]);
}

TEST(AddPairProducts, IsTheSameForAllWidths) {
  expect_exact_lanes<2>();
  expect_exact_lanes<4>();
  if constexpr (detail::native_lanes >= 8) expect_exact_lanes<8>();
  if constexpr (detail::native_lanes >= 16) expect_exact_lanes<16>();
}

}  // namespace
}  // namespace attar::test::int8_pairs_test
