// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include "plain_product.hpp"
#include <attar/backend/embedded/float_product.hpp>

namespace attar::test::float_product_test {
namespace {

/// On whole numbers, which are exact; with bias, residual and activation.
template <detail::ProductShape S, Activation Function, bool HasResidual>
void expect_exact(bool with_bias) {
  const auto channels = static_cast<std::size_t>(S.out.channels);
  const auto image = whole_numbers<float>(S.in.size(), 1);
  const auto weights = whole_numbers<float>(
      channels * S.inputs() * static_cast<std::size_t>(S.window.kernel.height * S.window.kernel.width), 2);
  const auto bias = whole_numbers<float>(with_bias ? channels : 0, 3);
  const auto residual = whole_numbers<float>(S.out.size(), 4);
  const detail::FloatProduct product{S, weights, bias};
  std::vector<float> found(S.out.size() + 1, -99);
  AlignedBuffer<std::byte> scratchpad{detail::FloatProduct::scratchpad_bytes(S)};
  detail::StepPointers p;
  p.inputs[0] = reinterpret_cast<const std::byte*>(image.data());
  if (HasResidual) p.residual = reinterpret_cast<const std::byte*>(residual.data());
  p.output = reinterpret_cast<std::byte*>(found.data());
  p.scratchpad = scratchpad.data();
  product.execute<S, Function>(p);
  EXPECT_EQ(found.back(), -99);
  const auto truth = plain_product(S, image, weights);
  for (std::size_t i = 0; i < truth.size(); ++i) {
    double y = truth[i] + (with_bias ? static_cast<double>(bias[i % channels]) : 0);
    if (HasResidual) y += static_cast<double>(residual[i]);
    if (Function != Activation::none) y = std::max(y, 0.0);
    if (Function == Activation::relu6) y = std::min(y, 6.0);
    ASSERT_EQ(static_cast<double>(found[i]), y) << i;
  }
}

TEST(FloatProduct, AddsBiasAndResidualAndActivates) {
  constexpr Window three{{3, 3}, {1, 1}, {1, 1}, {1, 1}};
  expect_exact<conv_shape<5, 7, 9, 19>(three), Activation::relu, true>(true);
  expect_exact<conv_shape<16, 6, 6, 16>(three), Activation::none, true>(false);
  expect_exact<conv_shape<11, 6, 9, 11>(three, 11), Activation::relu6, false>(true);
  expect_exact<detail::ProductShape{{40, 1, 1}, {10, 1, 1}, {}, 1}, Activation::none, false>(true);
}

}  // namespace
}  // namespace attar::test::float_product_test
