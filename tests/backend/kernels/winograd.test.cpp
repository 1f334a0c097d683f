// SPDX-License-Identifier: MIT
#include <array>
#include <cstddef>

#include <gtest/gtest.h>

#include <attar/backend/kernels/winograd.hpp>
#include <attar/core/rng.hpp>

namespace attar::detail::winograd::winograd_test {
namespace {

template <std::size_t Side>
Tile<double, Side, Side> random_tile(std::uint64_t stream) {
  Rng rng{Seed{1}, stream};
  Tile<double, Side, Side> tile;
  for (auto& row : tile) {
    for (double& x : row) x = static_cast<double>(rng.below(9)) - 4.0;
  }
  return tile;
}

Tile<double, 4, 4> input_transform(const Tile<double, 4, 4>& tile) {
  return in_both_directions<4>(tile, input_line<double>);
}

template <std::size_t Side>
double dot(const Tile<double, Side, Side>& a, const Tile<double, Side, Side>& b) {
  double sum = 0;
  for (std::size_t y = 0; y < Side; ++y) {
    for (std::size_t x = 0; x < Side; ++x) sum += a[y][x] * b[y][x];
  }
  return sum;
}

Tile<double, 4, 4> product(const Tile<double, 4, 4>& a, const Tile<double, 4, 4>& b) {
  Tile<double, 4, 4> result;
  for (std::size_t y = 0; y < 4; ++y) {
    for (std::size_t x = 0; x < 4; ++x) result[y][x] = a[y][x] * b[y][x];
  }
  return result;
}

TEST(Winograd, IsAConvolution) {
  const auto tile = random_tile<4>(1);
  const auto kernel = random_tile<3>(2);
  const auto found = transform_output(product(transform_weights(kernel), input_transform(tile)));
  for (std::size_t y = 0; y < 2; ++y) {
    for (std::size_t x = 0; x < 2; ++x) {
      double expected = 0;
      for (std::size_t ky = 0; ky < 3; ++ky) {
        for (std::size_t kx = 0; kx < 3; ++kx) expected += tile[y + ky][x + kx] * kernel[ky][kx];
      }
      EXPECT_EQ(found[y][x], expected) << y << ", " << x;
    }
  }
}

TEST(Winograd, GradientTransformsAreTheAdjoints) {
  const auto gradient = random_tile<2>(3);
  const auto products = random_tile<4>(4);
  EXPECT_EQ(dot(transform_output_gradient(gradient), products), dot(gradient, transform_output(products)));
  const auto kernel = random_tile<3>(5);
  EXPECT_EQ(dot(transform_weight_gradient(products), kernel), dot(products, transform_weights(kernel)));
}

}  // namespace
}  // namespace attar::detail::winograd::winograd_test
