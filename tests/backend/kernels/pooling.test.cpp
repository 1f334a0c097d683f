// SPDX-License-Identifier: MIT
#include <atomic>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/kernels/pooling.hpp>

namespace attar::detail::pooling_test {
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

TEST(Pooling, KnowsWhichOutputsATapServes) {
  for (const int in : {1, 2, 5, 8}) {
    for (const int out : {1, 3, 9}) {
      for (const int stride : {1, 2, 3}) {
        for (int offset = -4; offset <= 10; ++offset) {
          int first = -1;
          int count = 0;
          for (int o = 0; o < out; ++o) {
            const int position = o * stride + offset;
            if (position < 0 || position >= in) continue;
            if (first < 0) first = o;
            ++count;
          }
          const TapRange range = TapRange::of(in, out, stride, offset);
          ASSERT_EQ(range.count, count) << in << " " << out << " " << stride << " " << offset;
          if (count == 0) continue;
          EXPECT_EQ(range.first, first);
          EXPECT_EQ(range.position, first * stride + offset);
        }
      }
    }
  }
}

}  // namespace
}  // namespace attar::detail::pooling_test
