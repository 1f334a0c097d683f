// SPDX-License-Identifier: MIT
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "../kernels/kernel_case.hpp"
#include <attar/backend/eigen/conv2d.hpp>

namespace attar::test::conv2d_test {
namespace {

template <class A>
void check(int batch = 3) {
  const Op& op = A::program.ops.back();
  for (const bool accumulate : {false, true}) {
    expect_like_reference<float>(A::program, op,
                                 std::make_unique<detail::EigenConv2d<float>>(OperationContext{op, A::program, batch}),
                                 {.batch = batch, .integers = true, .accumulate = accumulate});
  }
}

TEST(EigenConv2d, IsExactOnIntegers) {
  check<Sequential<Input<3, 9, 8>, Conv2d<16, Kernel<3>>>>();
  check<Sequential<Input<16, 6, 7>, Conv2d<17, Kernel<3>, Stride<2>, Bias>>>(1);
  check<Sequential<Input<5, 9, 9>, Conv2d<4, Kernel<5, 3>, Padding<0, 2>, Stride<1, 2>>>>();
  check<Sequential<Input<4, 11, 11>, Conv2d<6, Kernel<3>, Dilation<2>, Bias>>>();
  check<Sequential<Input<2, 5, 5>, Conv2d<3, Kernel<5>, Padding<0>>>>();
}

TEST(EigenConv2d, IsExactWhereAWindowIsOnePixel) {
  check<Sequential<Input<16, 5, 5>, Conv2d<8>>>();
  check<Sequential<Input<16, 5, 5>, Conv2d<8, Stride<2>>>>();
  check<Sequential<Input<3, 1, 1>, Conv2d<5, Bias>>>(1);
}

TEST(EigenConv2d, IsExactWithGroups) {
  check<Sequential<Input<12, 6, 6>, Conv2d<8, Kernel<3>, Groups<4>>>>();
  check<Sequential<Input<12, 6, 6>, Conv2d<24, Groups<3>, Bias>>>();
  check<Sequential<Input<6, 6, 6>, Conv2d<6, Kernel<3>, Groups<6>>>>();
}

TEST(EigenConv2d, IsExactInSeveralBlocksOfRows) {
  using Net = Sequential<Input<32, 40, 40>, Conv2d<4, Kernel<3>>>;
  EXPECT_GT((detail::ConvGeometry{Net::program.ops[0], Net::program}.blocks()), 3U);
  check<Net>(2);
}

TEST(ConvGeometry, PackingCanBeUndone) {
  using Net = Sequential<Input<12, 6, 6>, Conv2d<8, Kernel<3, 2>, Groups<4>>>;
  const detail::ConvGeometry geometry{Net::program.ops[0], Net::program};
  std::vector<float> weights;
  for (std::size_t i = 0; i < geometry.weights(); ++i) weights.push_back(static_cast<float>(i));
  std::vector<float> packed(weights.size());
  std::vector<float> unpacked(weights.size());
  geometry.pack(weights.data(), packed.data());
  geometry.unpack(packed.data(), unpacked.data());
  EXPECT_NE(weights, packed);
  EXPECT_EQ(weights, unpacked);
}

}  // namespace
}  // namespace attar::test::conv2d_test
