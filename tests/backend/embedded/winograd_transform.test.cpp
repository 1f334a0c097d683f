// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <gtest/gtest.h>

#include <attar/backend/embedded/winograd_transform.hpp>
#include <attar/core/rng.hpp>

namespace attar::test::winograd_transform_test {
namespace {

template <class Transform>
class WinogradTransformTest : public ::testing::Test {};
using Transforms = ::testing::Types<detail::WinogradTransform<2>, detail::WinogradTransform<4>>;
TYPED_TEST_SUITE(WinogradTransformTest, Transforms);

// A line of results is a filter of three numbers slid over the image, times `odd` and the powers.
TYPED_TEST(WinogradTransformTest, SlidesAFilterOverALine) {
  Rng rng{Seed{1}};
  for (int round = 0; round < 50; ++round) {
    int image[TypeParam::points];
    int weights[3];
    for (int& number : image) number = static_cast<int>(rng.below(511)) - 255;
    for (int& number : weights) number = static_cast<int>(rng.below(255)) - 127;
    int image_points[TypeParam::points];
    int weight_points[TypeParam::points];
    int results[TypeParam::outputs];
    TypeParam::image(image, image_points);
    TypeParam::weights(weights, weight_points);
    for (std::size_t i = 0; i < TypeParam::points; ++i) image_points[i] *= weight_points[i];
    TypeParam::results(image_points, results);
    for (std::size_t i = 0; i < TypeParam::outputs; ++i) {
      const int plain = image[i] * weights[0] + image[i + 1] * weights[1] + image[i + 2] * weights[2];
      EXPECT_EQ(results[i], (static_cast<int>(TypeParam::odd) * plain) << TypeParam::powers[i]);
    }
  }
}

/// The largest magnitude that a square of numbers between `low` and `high` has after the transform of both directions.
template <std::size_t Points, std::size_t Count, class Line>
int largest(int low, int high, const Line& line) {
  // What each number of a line contributes to each point.
  int factors[Points][Count];
  for (std::size_t k = 0; k < Count; ++k) {
    int unit[Count]{};
    unit[k] = 1;
    int result[Points];
    line(unit, result);
    for (std::size_t i = 0; i < Points; ++i) factors[i][k] = result[i];
  }
  int most = 0;
  for (const auto& row : factors) {
    for (const auto& column : factors) {
      int least_sum = 0;
      int most_sum = 0;
      for (const int a : row) {
        for (const int b : column) {
          least_sum += std::min(a * b * low, a * b * high);
          most_sum += std::max(a * b * low, a * b * high);
        }
      }
      most = std::max({most, -least_sum, most_sum});
    }
  }
  return most;
}

TYPED_TEST(WinogradTransformTest, FitsInto16Bits) {
  const auto image = [](const auto& line, auto& to) { TypeParam::image(line, to); };
  const auto weights = [](const auto& line, auto& to) { TypeParam::weights(line, to); };
  EXPECT_LE((largest<TypeParam::points, TypeParam::points>(0, 255, image)), 32767);
  EXPECT_LE((largest<TypeParam::points, TypeParam::points>(-128, 127, image)), 32767);
  EXPECT_LE((largest<TypeParam::points, 3>(-127, 127, weights)), 32767);
}

TEST(ExactQuotient, TakesOutOddAndEvenFactorsOfWhatWrapped) {
  using Word = std::uint32_t __attribute__((vector_size(16)));
  using Sum = std::int32_t __attribute__((vector_size(16)));
  for (const std::int32_t value : {0, 1, -1, 7, -33554431, 33554431, 12345678, -20000000}) {
    const std::uint32_t product = static_cast<std::uint32_t>(value) * 9 * 64;
    const Sum quotient = detail::exact_quotient<3>(Word{product, product, product, product}, 6, Sum{});
    EXPECT_EQ(quotient[0], value);
    EXPECT_EQ(quotient[3], value);
  }
}

TEST(InBothDirections, AppliesALineToColumnsAndRows) {
  const int from[3][3] = {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}};
  int to[2][2];
  detail::in_both_directions(from, to, [](const int(&line)[3], int(&result)[2]) {
    result[0] = line[0] + line[1];
    result[1] = line[2];
  });
  EXPECT_EQ(to[0][0], 1 + 2 + 4 + 5);
  EXPECT_EQ(to[0][1], 3 + 6);
  EXPECT_EQ(to[1][0], 7 + 8);
  EXPECT_EQ(to[1][1], 9);
}

}  // namespace
}  // namespace attar::test::winograd_transform_test
