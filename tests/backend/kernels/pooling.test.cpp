// SPDX-License-Identifier: MIT
#include <atomic>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/kernels/pooling.hpp>

namespace attar::detail {
namespace {

TEST(Pooling, VisitsEachPixelAtItsPlace) {
  const Shape shape{3, 4, 5};
  std::vector<std::atomic<int>> visits(2 * shape.size());
  for_pixels(2, shape, [&](std::size_t image, std::size_t row, std::size_t column, std::size_t element) {
    EXPECT_EQ(element, element_of(shape, image, static_cast<int>(row), static_cast<int>(column)));
    EXPECT_EQ(element, ((image * 4 + row) * 5 + column) * 3);
    ++visits[element];
  });
  for (std::size_t i = 0; i < visits.size(); ++i) EXPECT_EQ(visits[i], i % 3 == 0 ? 1 : 0);
}

}  // namespace
}  // namespace attar::detail
