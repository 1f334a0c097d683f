// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "pair_dot.hpp"
#include "plain_product.hpp"
#include <attar/backend/embedded/winograd_product.hpp>
#include <attar/core/rng.hpp>

namespace attar::test::winograd_product_test {
namespace {

constexpr Window three{{3, 3}, {1, 1}, {1, 1}, {1, 1}};

template <detail::ProductShape S, int Outputs>
void expect_exact(const std::vector<int>& image, const std::vector<int>& weights) {
  ASSERT_TRUE((detail::WinogradPlan<PairDot, Outputs>::computes(S)));
  using Product = detail::WinogradProduct<S, PairDot, Outputs>;
  EXPECT_EQ((run_product<Product, PairDot>(S, image, weights)), plain_product(S, image, weights));
}

/// In squares of both sizes: small numbers, all bytes, and the extremes of both signs.
template <detail::ProductShape S>
void expect_exact() {
  const auto filters = static_cast<std::size_t>(S.out.channels * 9) * S.inputs();
  Rng rng{Seed{7}};
  const auto fill = [&](std::size_t count, int low, int high, bool extremes) {
    std::vector<int> numbers(count);
    for (int& number : numbers) {
      number = extremes ? (rng.below(2) == 0 ? low : high)
                        : low + static_cast<int>(rng.below(static_cast<std::uint32_t>(high - low + 1)));
    }
    return numbers;
  };
  for (const bool extremes : {false, true}) {
    for (const auto& [low, high] : {std::pair{0, 255}, std::pair{-128, 127}}) {
      const std::vector<int> image = fill(S.in.size(), low, high, extremes);
      const std::vector<int> weights = fill(filters, -127, 127, extremes);
      expect_exact<S, 2>(image, weights);
      expect_exact<S, 4>(image, weights);
    }
  }
}

TEST(WinogradProduct, IsTheDefinition) {
  expect_exact<conv_shape<16, 16, 16, 16>(three)>();
  expect_exact<conv_shape<3, 9, 11, 21>(three)>();
  expect_exact<conv_shape<33, 7, 6, 5>(three)>();
}

TEST(WinogradProduct, TakesAnyPadding) {
  expect_exact<conv_shape<5, 8, 9, 9>({{3, 3}, {1, 1}, {0, 0}, {1, 1}})>();
  expect_exact<conv_shape<4, 6, 10, 8>({{3, 3}, {1, 1}, {2, 0}, {1, 1}})>();
  expect_exact<conv_shape<2, 5, 5, 40>({{3, 3}, {1, 1}, {3, 3}, {1, 1}})>();
}

TEST(WinogradProduct, TakesImagesSmallerThanASquare) {
  expect_exact<conv_shape<8, 1, 1, 8>(three)>();
  expect_exact<conv_shape<7, 3, 2, 17>(three)>();
}

// More squares than are multiplied, and transformed back, at once.
TEST(WinogradProduct, CutsLargeImages) {
  expect_exact<conv_shape<6, 41, 18, 9>(three)>();
  expect_exact<conv_shape<1, 6, 150, 3>(three)>();
}

template <detail::ProductShape S, int Outputs>
void expect_exact_on_extremes() {
  const auto filters = static_cast<std::size_t>(S.out.channels * 9) * S.inputs();
  for (const int weight : {-127, 127}) {
    for (const int number : {255, -128}) {
      expect_exact<S, Outputs>(std::vector<int>(S.in.size(), number), std::vector<int>(filters, weight));
    }
  }
}

// Where all numbers are extreme, sums wrap on their way, and come back.
TEST(WinogradProduct, HoldsTheLargestSums) {
  expect_exact_on_extremes<conv_shape<114, 5, 5, 3>(three), 4>();
  expect_exact_on_extremes<conv_shape<1840, 3, 3, 1>(three), 2>();
}

// More channels than that are summed in parts.
TEST(WinogradProduct, SumsManyChannelsInParts) {
  expect_exact_on_extremes<conv_shape<116, 5, 5, 3>(three), 4>();
  expect_exact_on_extremes<conv_shape<301, 6, 4, 20>(three), 4>();
  expect_exact_on_extremes<conv_shape<1850, 3, 3, 1>(three), 2>();
  expect_exact<conv_shape<241, 5, 6, 17>(three)>();
}

}  // namespace
}  // namespace attar::test::winograd_product_test
