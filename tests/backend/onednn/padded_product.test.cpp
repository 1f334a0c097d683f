// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "../../support/int8_steps.hpp"
#include <attar/backend/onednn/int8.hpp>
#include <attar/backend/onednn/padded_product.hpp>
#include <attar/model/sequential.hpp>

namespace attar::test::padded_product_test {
namespace {

using detail::onednn::PaddedProduct;

/// The convolution of `A`, with weights of 7 bits, whose sums are exact on every CPU.
template <class A>
void expect_exact(int batch, int zero_point, bool has_residual) {
  SCOPED_TRACE(zero_point);
  Rng rng{Seed{1}};
  detail::Int8Op op;
  op.op = A::program.ops[0];
  op.in = A::input_shape;
  op.out = A::output_shape;
  op.zero_points[0] = zero_point;
  op.activation = detail::Int8Activation::hard_swish;
  op.slope = 0.0123F;
  op.result_zero = 77;
  if (has_residual) {
    op.op.residual = 0;  // Read from memory of its own.
    op.residual_multiplier = 0.5F;
  }
  std::vector<std::int8_t> weights(A::program.parameters[0].size);
  for (std::int8_t& weight : weights) weight = static_cast<std::int8_t>(static_cast<int>(rng.below(127)) - 63);
  fill_multipliers(op, 60000, rng);
  const OperationContext context{op.op, A::program, batch};
  const PaddedProduct product{context,
                              {.source_type = dnnl::memory::data_type::u8,
                               .destination_type = dnnl::memory::data_type::u8,
                               .weights_type = dnnl::memory::data_type::s8,
                               .flat_type = dnnl::memory::data_type::s8,
                               .weights = weights.data(),
                               .bias = op.offset,
                               .scales = op.multiplier,
                               .post_ops = detail::onednn::int8_post_ops(op),
                               .in_place = false},
                              static_cast<std::byte>(zero_point)};
  EXPECT_EQ(product.kernel_name().find("ref"), std::string::npos) << product.kernel_name();
  expect_exact_step(op, batch, weights, product, Seed{2});
}

template <class A>
void expect_exact_everywhere() {
  for (const int zero_point : {0, 1, 128, 255}) {
    expect_exact<A>(1, zero_point, false);
    expect_exact<A>(3, zero_point, true);
  }
}

TEST(PaddedProduct, PadsWithTheZeroPoint) {
  expect_exact_everywhere<Sequential<Input<16, 7, 9>, Conv2d<24, Kernel<3>>>>();
  expect_exact_everywhere<Sequential<Input<3, 9, 8>, Conv2d<8, Kernel<5>, Stride<2>, Dilation<2>>>>();
  expect_exact_everywhere<Sequential<Input<5, 6, 5>, Conv2d<4, Padding<2>>>>();
}

TEST(PaddedProduct, ConvolvesDepthwise) {
  expect_exact_everywhere<Sequential<Input<20, 8, 7>, DepthwiseConv2d<Kernel<3>, Stride<2>>>>();
}

}  // namespace
}  // namespace attar::test::padded_product_test
