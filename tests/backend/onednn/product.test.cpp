// SPDX-License-Identifier: MIT
#include "operation_run.hpp"
#include <attar/backend/onednn/product.hpp>
#include <attar/core/dtype.hpp>

namespace attar::test::product_test {
namespace {

using Convolution = Sequential<Input<4, 3, 3>, ReLU, Conv2d<2, Kernel<1>>>;
using Product = Sequential<Input<4, 1, 1>, ReLU, Linear<3>>;

TEST(OneDnnProduct, AddsToTheInputGradientIfAsked) {
  expect_exact<Convolution, float>(5, true);
  expect_exact<Convolution, bf16>(5, true);
  expect_exact<Product, float>(5, true);
  expect_exact<Product, bf16>(5, true);
  const OperationRun<Product, OneDnn, float> overwritten{5, false};
  const OperationRun<Product, OneDnn, float> added{5, true};
  const auto before = floats(small_integers<float>(added.input_gradient().size(), 4));
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(added.input_gradient()[i], before[i] + overwritten.input_gradient()[i]);
  }
}

TEST(OneDnnProduct, WritesTheGradientsOfItsOwnParametersAlone) {
  using Two = Sequential<Input<4, 3, 3>, Conv2d<2, Kernel<3>, Bias>, Conv2d<2, Kernel<3>, Bias>>;
  const OperationRun<Two, OneDnn, float> run{2};
  for (const Parameter& parameter : Two::program.parameters) {
    const bool own = parameter.name.view().starts_with("1.");
    bool touched = false;
    for (std::size_t i = 0; i < parameter.size; ++i) touched |= run.gradients()[parameter.offset + i] != 0.0F;
    EXPECT_EQ(touched, own) << parameter.name.view();
  }
}

}  // namespace
}  // namespace attar::test::product_test
