// SPDX-License-Identifier: MIT
#include <array>
#include <numeric>

#include <gtest/gtest.h>

#include "../../support/golden_layer.hpp"
#include "../../support/gradient_check.hpp"
#include <attar/backend/reference/conv2d.hpp>
#include <attar/model/sequential.hpp>

namespace attar::test::conv2d_test {
namespace {

using Image = Input<4, 4, 5>;

TEST(ReferenceConv2d, AgreesWithPyTorch) {
  check_golden<Sequential<Image, Conv2d<3, Kernel<3>>>>(golden::conv2d);
  check_golden<Sequential<Image, Conv2d<3, Kernel<3, 2>, Stride<2, 3>, Padding<1, 0>, Bias>>>(golden::conv2d_strided);
  check_golden<Sequential<Image, Conv2d<2, Kernel<3>, Dilation<2, 1>, Padding<2, 1>, Bias>>>(golden::conv2d_dilated);
  check_golden<Sequential<Image, Conv2d<6, Kernel<3>, Groups<2>, Bias>>>(golden::conv2d_grouped);
  check_golden<Sequential<Image, DepthwiseConv2d<Kernel<3>, Stride<2>, Bias>>>(golden::conv2d_depthwise);
}

TEST(ReferenceConv2d, HasTheGradientsOfNumericalDifferentiation) {
  check_last_operation<Sequential<Image, Conv2d<3>>>();
  check_last_operation<Sequential<Image, Conv2d<3, Kernel<3>, Bias>>>();
  check_last_operation<Sequential<Image, Conv2d<3, Kernel<2>, Padding<0>>>>();
  check_last_operation<Sequential<Image, Conv2d<2, Kernel<3, 1>, Stride<3, 2>, Padding<2, 1>>>>();
  check_last_operation<Sequential<Image, Conv2d<2, Kernel<2, 3>, Dilation<3, 2>, Bias>>>();
  check_last_operation<Sequential<Image, Conv2d<6, Kernel<3>, Groups<2>, Stride<2>>>>();
  check_last_operation<Sequential<Image, DepthwiseConv2d<Kernel<3>, Bias>>>();
  check_last_operation<Sequential<Image, Conv2d<8, Kernel<3>, Groups<4>>>>();
}

TEST(ReferenceConv2d, ListsEveryProductOnce) {
  // 3 x 3 kernel on 2 x 2 pixels with padding: every pixel sees all four, through different taps.
  const Op op{.kind = OpKind::conv2d, .window = {.kernel = {3, 3}, .padding = {1, 1}}};
  std::array<int, 16> seen{};
  int products = 0;
  detail::reference::for_each_product(op, 1, {1, 2, 2}, {1, 2, 2},
                                      [&](int, int y, int x, int, int in_y, int in_x, int, std::size_t w) {
                                        ++products;
                                        ++seen[static_cast<std::size_t>(((y * 2 + x) * 2 + in_y) * 2 + in_x)];
                                        EXPECT_EQ(w, static_cast<std::size_t>((in_y - y + 1) * 3 + in_x - x + 1));
                                      });
  EXPECT_EQ(products, 16);
  for (const int count : seen) EXPECT_EQ(count, 1);
}

}  // namespace
}  // namespace attar::test::conv2d_test
