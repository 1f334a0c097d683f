// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/layers/op.hpp>

namespace attar::op_test {
namespace {

TEST(Window, OutputIsRoundedDown) {
  static_assert(Window{.kernel = {2, 2}, .stride = {2, 2}}.output({1, 7, 8}) == Extent{3, 4});
  static_assert(Window{.kernel = {3, 3}, .stride = {2, 2}, .padding = {1, 1}}.output({1, 7, 8}) == Extent{4, 4});
  static_assert(Window{.kernel = {3, 3}, .dilation = {2, 3}}.output({1, 7, 8}) == Extent{3, 2});
}

TEST(Window, ThatDoesNotFitHasNoOutput) {
  static_assert(Window{.kernel = {3, 3}}.output({1, 2, 3}) == Extent{0, 1});
  static_assert(Window{.kernel = {3, 3}, .stride = {5, 5}}.output({1, 1, 1}) == Extent{0, 0});
  static_assert(Window{.kernel = {9, 9}, .padding = {4, 4}}.output({1, 1, 1}) == Extent{1, 1});
}

TEST(Role, StatisticsAreNotTrained) {
  static_assert(trainable(Role::weight) && trainable(Role::bias) && trainable(Role::norm_scale));
  static_assert(trainable(Role::norm_shift) && !trainable(Role::running_mean) && !trainable(Role::running_var));
}

TEST(MultiplyAdds, AreCountedAsTheFieldDoes) {
  const Op conv{.kind = OpKind::conv2d, .window = {.kernel = {3, 5}}, .groups = 2};
  EXPECT_EQ(multiply_adds(conv, {8, 10, 10}, {6, 4, 4}), 6U * 16 * 4 * 15);
  EXPECT_EQ(multiply_adds({.kind = OpKind::linear}, {7}, {3}), 21U);
  EXPECT_EQ(multiply_adds({.kind = OpKind::batch_norm}, {8, 10, 10}, {8, 10, 10}), 0U);
  // More than 32 bits: the first layers of large networks on large images.
  const Op large{.kind = OpKind::conv2d, .window = {.kernel = {3, 3}}};
  EXPECT_EQ(multiply_adds(large, {512, 1024, 1024}, {512, 1024, 1024}), std::uint64_t{512} * 512 * 9 << 20);
}

}  // namespace
}  // namespace attar::op_test
