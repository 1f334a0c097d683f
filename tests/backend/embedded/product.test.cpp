// SPDX-License-Identifier: MIT
#include <vector>

#include <gtest/gtest.h>

#include "plain_product.hpp"
#include <attar/backend/embedded/dot.hpp>
#include <attar/backend/embedded/narrow_dot.hpp>
#include <attar/backend/embedded/product.hpp>

namespace attar::test::product_test {
namespace {

template <detail::ProductShape S, class Dot, class T>
void expect_exact() {
  auto image = whole_numbers<T>(S.in.size(), 1);
  if constexpr (std::is_unsigned_v<typename Dot::Element>) {
    for (T& number : image) number += 7;
  }
  const auto weights = whole_numbers<T>(
      static_cast<std::size_t>(S.out.channels * S.window.kernel.height * S.window.kernel.width) * S.inputs(), 2);
  EXPECT_EQ((run_product<detail::TiledProduct<S, Dot>, Dot>(S, image, weights)), plain_product(S, image, weights));
}

template <detail::ProductShape S>
void expect_exact_in_all() {
  expect_exact<S, detail::FloatDot, float>();
  expect_exact<S, detail::NarrowDot<1>, int>();
  expect_exact<S, detail::NarrowDot<2>, int>();
  // Elements that are shifted to one sign are the concern of `Int8Product`.
  if constexpr (std::is_signed_v<detail::Int8Dot::Element>) expect_exact<S, detail::Int8Dot, int>();
}

TEST(TiledProduct, IsTheDefinition) {
  expect_exact_in_all<conv_shape<3, 9, 11, 16>({{3, 3}, {1, 1}, {1, 1}, {1, 1}})>();
  expect_exact_in_all<conv_shape<5, 7, 6, 21>({{3, 2}, {2, 1}, {1, 0}, {1, 1}})>();
  expect_exact_in_all<conv_shape<8, 9, 30, 40>({{5, 5}, {2, 2}, {2, 2}, {1, 1}})>();
}

TEST(TiledProduct, TakesDilationsAndGroups) {
  expect_exact_in_all<conv_shape<4, 9, 9, 8>({{3, 3}, {1, 1}, {2, 3}, {2, 3}})>();
  expect_exact_in_all<conv_shape<6, 8, 9, 27>({{3, 3}, {1, 2}, {1, 1}, {1, 1}}, 3)>();
}

TEST(TiledProduct, TakesVectorsOfOnePixel) {
  expect_exact_in_all<detail::ProductShape{{37, 1, 1}, {10, 1, 1}, {}, 1}>();
  expect_exact_in_all<detail::ProductShape{{64, 1, 1}, {200, 1, 1}, {}, 1}>();
  expect_exact_in_all<detail::ProductShape{{7, 1, 50}, {33, 1, 50}, {}, 1}>();
}

// Larger than what is copied at once.
TEST(TiledProduct, CutsTallImages) {
  expect_exact_in_all<conv_shape<16, 70, 40, 9>({{3, 3}, {1, 1}, {1, 1}, {1, 1}})>();
}

TEST(TiledProduct, GoesOnInTheNextRow) {
  expect_exact_in_all<conv_shape<24, 8, 8, 40>({{3, 3}, {1, 1}, {1, 1}, {1, 1}})>();
  expect_exact_in_all<conv_shape<6, 9, 7, 9>({{3, 3}, {2, 2}, {1, 1}, {1, 1}})>();
  expect_exact_in_all<detail::ProductShape{{3000, 1, 1}, {19, 1, 1}, {}, 1}>();
}

}  // namespace
}  // namespace attar::test::product_test
