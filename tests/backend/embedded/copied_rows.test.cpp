// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include "plain_product.hpp"
#include <attar/backend/embedded/copied_rows.hpp>
#include <attar/backend/embedded/dot.hpp>
#include <attar/backend/embedded/product_plan.hpp>

namespace attar::test::copied_rows_test {
namespace {

// Two rows of the result see four of the image, the first of which is above it; two numbers lie beside each.
TEST(CopyRows, PutsPaddingAroundAnImage) {
  constexpr detail::ProductPlan<detail::FloatDot> plan{conv_shape<2, 5, 3, 4>({{3, 3}, {1, 1}, {1, 1}, {1, 1}})};
  std::vector<float> image(2 * 5 * 3);
  for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<float>(i + 1);
  std::vector<float> copied(4 * plan.row_size + 1, -1);
  detail::copy_rows(plan, 0, 2, PlainRows<float, float>{image}, copied.data());
  for (std::size_t row = 0; row < 4; ++row) {
    for (std::size_t i = 0; i < plan.row_size; ++i) {
      const bool outside = row == 0 || i < 2 || i >= 8;
      EXPECT_EQ(copied[row * plan.row_size + i], outside ? 0.0F : image[(row - 1) * 6 + i - 2]) << row << ' ' << i;
    }
  }
  EXPECT_EQ(copied.back(), 0.0F);
}

}  // namespace
}  // namespace attar::test::copied_rows_test
