// SPDX-License-Identifier: MIT
#include <array>
#include <cstdint>
#include <cstring>

#include <gtest/gtest.h>

#include <attar/backend/embedded/dot.hpp>
#include <attar/core/rng.hpp>

namespace attar::test::dot_test {
namespace {

using detail::FloatDot;
using detail::Int8Dot;

TEST(FloatDot, MultipliesAndAdds) {
  const float two = 2;
  FloatDot::Sum sum{};
  sum += 1.0F;
  const FloatDot::Sum result = FloatDot::add(sum, FloatDot::broadcast(&two), detail::splat<FloatDot::Factor>(3.0F));
  for (int lane = 0; lane < FloatDot::lanes; ++lane) EXPECT_EQ(result[lane], 7);
}

/// The sum of products of numbers and weights at their limits and in between must be exact.
void expect_exact(bool is_signed) {
  Rng rng{Seed{1}};
  const int low = is_signed ? -128 : 0;
  const int shift = Int8Dot::shift(is_signed);
  for (int round = 0; round < 200; ++round) {
    std::array<Int8Dot::Element, Int8Dot::group> image;
    std::array<Int8Dot::Weight, Int8Dot::group * Int8Dot::lanes> weights;
    for (auto& element : image) {
      const int q = low + (round < 4 ? 255 * (round % 2) : static_cast<int>(rng.below(256)));
      element = static_cast<Int8Dot::Element>(q + shift);
    }
    for (auto& weight : weights) {
      weight =
          static_cast<Int8Dot::Weight>(round < 4 ? (round < 2 ? -127 : 127) : static_cast<int>(rng.below(255)) - 127);
    }
    Int8Dot::Factor right;
    std::memcpy(&right, weights.data(), sizeof(right));
    const auto found = Int8Dot::add(detail::splat<Int8Dot::Sum>(5), Int8Dot::broadcast(image.data()), right);
    for (std::size_t lane = 0; lane < std::size_t{Int8Dot::lanes}; ++lane) {
      std::int32_t truth = 5;
      for (std::size_t k = 0; k < image.size(); ++k) truth += image[k] * weights[Int8Dot::place(lane, k)];
      EXPECT_EQ(found[static_cast<int>(lane)], truth);
    }
  }
}

TEST(Int8Dot, IsExactForBytesOfBothSigns) {
  expect_exact(true);
  expect_exact(false);
}

}  // namespace
}  // namespace attar::test::dot_test
