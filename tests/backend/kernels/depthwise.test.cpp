// SPDX-License-Identifier: MIT
#include <array>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/kernels/depthwise.hpp>

namespace attar::detail::depthwise_test {
namespace {

TEST(Depthwise, UnrollCountsInConstants) {
  std::vector<int> seen;
  unroll<4>([&](auto i) {
    static_assert(decltype(i)::value >= 0);
    seen.push_back(i);
  });
  EXPECT_EQ(seen, (std::vector<int>{0, 1, 2, 3}));
}

TEST(Depthwise, OutsideOfAnImageAreZeros) {
  const std::array<float, 12> numbers{};
  const std::array<float, 2> zeros{};
  const PaddedImage<float> image{numbers.data(), 2, 3, 2, zeros.data()};
  EXPECT_EQ(image.pixel(image.row(1), 2), numbers.data() + 10);
  for (const int column : {-1, 3, 100}) EXPECT_EQ(image.pixel(image.row(0), column), zeros.data());
  for (const int row : {-1, 2}) EXPECT_EQ(image.row(row), nullptr);
}

TEST(Depthwise, ARowIsTheSumOverItsTaps) {
  // One channel, the numbers 1 2 3 4 5, weights 1 10 100 in the middle row.
  const std::array<float, 5> numbers{1, 2, 3, 4, 5};
  const std::array<float, 9> weights{9, 9, 9, 1, 10, 100, 9, 9, 9};
  const float zero = 0;
  const PaddedImage<float> image{numbers.data(), 1, 5, 1, &zero};
  std::vector<float> found(5);
  const auto finish = [&](int column, std::size_t, auto sum, auto) {
    found[static_cast<std::size_t>(column)] = sum[0];
  };
  convolve_row<3, 1, 4>(image, -1, -1, 5, {weights.data(), 1}, finish);
  EXPECT_EQ(found, (std::vector<float>{210, 321, 432, 543, 54}));
  found.assign(3, 0);
  convolve_row<3, 2, 4>(image, -1, -1, 3, {weights.data(), 1}, finish);
  EXPECT_EQ(found, (std::vector<float>{210, 432, 54}));
}

}  // namespace
}  // namespace attar::detail::depthwise_test
