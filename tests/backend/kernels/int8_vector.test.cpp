// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/kernels/int8_vector.hpp>

namespace attar::detail::int8_vector_test {
namespace {

/// Rounds all numbers, in vectors of every length that there is.
template <class T>
std::vector<T> rounded(const std::vector<float>& numbers) {
  std::vector<T> result(numbers.size());
  for_lanes(0, numbers.size(), [&](std::size_t i, auto lanes) {
    store_rounded(result.data() + i, load(numbers.data() + i, lanes), lanes);
  });
  return result;
}

template <class T>
void expect_rounds_as_the_library() {
  const float low = std::numeric_limits<T>::min();
  const float high = std::numeric_limits<T>::max();
  std::vector<float> numbers;
  for (int i = -3000; i < 6001; ++i) numbers.push_back(static_cast<float>(i) / 16);
  const std::vector<T> found = rounded<T>(numbers);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    EXPECT_EQ(static_cast<float>(found[i]), std::nearbyint(std::clamp(numbers[i], low, high))) << numbers[i];
  }
  constexpr float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(
      rounded<T>({infinity, -infinity, std::numeric_limits<float>::quiet_NaN()}),
      (std::vector<T>{std::numeric_limits<T>::max(), std::numeric_limits<T>::min(), std::numeric_limits<T>::min()}));
}

TEST(StoreRounded, SaturatesAndRoundsToEven) {
  expect_rounds_as_the_library<std::int8_t>();
  expect_rounds_as_the_library<std::uint8_t>();
}

TEST(LoadIntegers, KeepsTheSign) {
  std::array<std::int8_t, 16> bytes{};
  for (std::size_t i = 0; i < 16; ++i) bytes[i] = static_cast<std::int8_t>(17 * static_cast<int>(i) - 128);
  const auto* unsigned_bytes = reinterpret_cast<const std::uint8_t*>(bytes.data());
  // In vectors of every length that the target has, widest first, and then all in the narrower ones.
  for (const std::size_t begin : {0, 8, 12, 15}) {
    for_lanes(begin, bytes.size(), [&]<int L>(std::size_t at, Lanes<L> lanes) {
      const auto integers = load_integers(bytes.data() + at, lanes);
      const auto floats = load_floats(bytes.data() + at, lanes);
      const auto unsigned_floats = load_floats(unsigned_bytes + at, lanes);
      for (std::size_t i = 0; i < std::size_t{L}; ++i) {
        EXPECT_EQ(integers[i], bytes[at + i]);
        EXPECT_EQ(floats[i], static_cast<float>(bytes[at + i]));
        EXPECT_EQ(unsigned_floats[i], static_cast<float>(unsigned_bytes[at + i]));
      }
    });
  }
}

TEST(RoundHere, KeepsAProductFromBeingFused) {
  const std::array<float, 4> factor{1.1F, 1.3F, 1.7F, 0.3F};
  auto product = load(factor.data(), Lanes<4>{}) * load(factor.data(), Lanes<4>{});
  round_here(product);
  const volatile float rounded_product = 1.1F * 1.1F;
  EXPECT_EQ(product[0] - rounded_product, 0.0F);
}

}  // namespace
}  // namespace attar::detail::int8_vector_test
