// SPDX-License-Identifier: MIT
#include <array>
#include <cstddef>
#include <cstdint>

#include <gtest/gtest.h>

#include <attar/backend/embedded/narrow_dot.hpp>
#include <attar/backend/embedded/tile.hpp>
#include <attar/core/rng.hpp>

namespace attar::test::narrow_dot_test {
namespace {

using detail::NarrowDot;

static_assert(detail::narrow_groups(127) == 0 && detail::narrow_groups(65) == 0);
static_assert(detail::narrow_groups(64) == 1 && detail::narrow_groups(33) == 1);
static_assert(detail::narrow_groups(32) == 2 && detail::narrow_groups(1) == 2);

/// The sum of products of bytes and weights at their limits and in between must be exact.
template <int Limit>
void expect_exact() {
  using Dot = NarrowDot<detail::narrow_groups(Limit)>;
  Rng rng{Seed{1}};
  for (int round = 0; round < 200; ++round) {
    std::array<typename Dot::Element, Dot::group> image;
    std::array<typename Dot::Weight, std::size_t{Dot::group} * Dot::lanes> weights;
    for (auto& element : image) {
      element = static_cast<std::uint8_t>(round < 4 ? 255 * (round % 2) : static_cast<int>(rng.below(256)));
    }
    for (auto& weight : weights) {
      const int any = static_cast<int>(rng.below(2 * Limit + 1)) - Limit;
      weight = static_cast<std::int8_t>(round < 4 ? (round < 2 ? -Limit : Limit) : any);
    }
    const auto right = detail::load_factor<Dot>(weights.data());
    const auto found = Dot::add(detail::splat<typename Dot::Sum>(std::int32_t{5}), Dot::broadcast(image.data()), right);
    for (std::size_t lane = 0; lane < std::size_t{Dot::lanes}; ++lane) {
      std::int32_t truth = 5;
      for (std::size_t k = 0; k < image.size(); ++k) truth += image[k] * weights[Dot::place(lane, k)];
      EXPECT_EQ(found[static_cast<int>(lane)], truth);
    }
  }
}

TEST(NarrowDot, IsExactUpToTheLimitsOfItsWeights) {
  expect_exact<64>();
  expect_exact<63>();
  expect_exact<32>();
  expect_exact<31>();
  expect_exact<7>();
  expect_exact<1>();
}

}  // namespace
}  // namespace attar::test::narrow_dot_test
