// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/core/shape.hpp>

namespace attar::shape_test {
namespace {

TEST(Shape, CountsPixelsAndElements) {
  static_assert(Shape{3, 4, 5}.pixels() == 20 && Shape{3, 4, 5}.size() == 60);
  static_assert(Shape{7}.pixels() == 1 && Shape{7}.size() == 7);
  static_assert(Shape{1024, 2048, 2048}.size() == std::size_t{1} << 32);
}

TEST(Shape, ComparesAllSizes) {
  static_assert(Shape{3, 4, 5} == Shape{3, 4, 5} && Shape{3, 4, 5} != Shape{3, 5, 4} && Shape{7} == Shape{7, 1, 1});
}

TEST(Shape, ReadsAsPyTorchPrintsIt) {
  EXPECT_EQ(to_string(Shape{16, 28, 29}), "16x28x29");
}

}  // namespace
}  // namespace attar::shape_test
