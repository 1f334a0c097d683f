// SPDX-License-Identifier: MIT
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/reference/tensor.hpp>
#include <attar/core/dtype.hpp>

namespace attar::detail::reference::tensor_test {
namespace {

TEST(ReferenceTensor, IsNhwcAndVisitedInThatOrder) {
  Tensor<double> tensor{2, {3, 4, 5}};
  ASSERT_EQ(tensor.numbers.size(), 120U);
  std::size_t next = 0;
  for_each_element(2, tensor.shape, [&](int n, int y, int x, int c) {
    EXPECT_EQ(&tensor.at(n, y, x, c), &tensor.numbers[next]);
    EXPECT_EQ(tensor.numbers[next++], 0);
  });
  EXPECT_EQ(next, 120U);
}

TEST(ReferenceTensor, LoadsAndStoresOtherTypes) {
  const std::vector<bf16> from{bf16{1.5F}, bf16{-2.0F}};
  const auto tensor = load<float>(from.data(), 2, {1});
  EXPECT_EQ(tensor.numbers, (std::vector<float>{1.5F, -2.0F}));
  std::vector<bf16> to{bf16{1.0F}, bf16{1.0F}};
  store(tensor, to.data(), true);
  EXPECT_EQ(static_cast<float>(to[0]), 2.5F);
  store(tensor, to.data());
  EXPECT_EQ(static_cast<float>(to[1]), -2.0F);
  store(tensor, static_cast<bf16*>(nullptr));
}

TEST(ReferenceTensor, TapsOutsideOfTheImageAreLeftOut) {
  const Window window{.kernel = {3, 2}, .stride = {2, 1}, .padding = {1, 1}, .dilation = {1, 2}};
  std::vector<std::vector<int>> taps;
  for_each_tap(window, {1, 2, 2}, 0, 0, [&](int i, int j, int y, int x) { taps.push_back({i, j, y, x}); });
  EXPECT_EQ(taps, (std::vector<std::vector<int>>{{1, 1, 0, 1}, {2, 1, 1, 1}}));
}

}  // namespace
}  // namespace attar::detail::reference::tensor_test
