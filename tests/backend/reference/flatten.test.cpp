// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "../../support/golden_layer.hpp"
#include "../../support/gradient_check.hpp"
#include <attar/backend/reference/flatten.hpp>
#include <attar/model/sequential.hpp>

namespace attar::test::flatten_test {
namespace {

TEST(ReferenceFlatten, AgreesWithPyTorch) {
  check_golden<Sequential<Input<4, 4, 5>, Flatten>>(golden::flatten);
}

TEST(ReferenceFlatten, HasTheGradientsOfNumericalDifferentiation) {
  check_last_operation<Sequential<Input<4, 4, 5>, Flatten>>();
}

TEST(ReferenceFlatten, OrdersChannelThenHeightThenWidth) {
  detail::reference::Tensor<double> image{1, {2, 2, 2}};
  image.numbers = {0, 10, 1, 11, 2, 12, 3, 13};  // Pixels of two channels.
  EXPECT_EQ(flatten(image).numbers, (Numbers{0, 1, 2, 3, 10, 11, 12, 13}));
  EXPECT_EQ(flatten_gradient(image.shape, flatten(image)).numbers, image.numbers);
}

}  // namespace
}  // namespace attar::test::flatten_test
