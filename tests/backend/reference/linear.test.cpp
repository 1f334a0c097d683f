// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "../../support/golden_layer.hpp"
#include "../../support/gradient_check.hpp"
#include <attar/backend/reference/linear.hpp>
#include <attar/model/sequential.hpp>

namespace attar::test::linear_test {
namespace {

TEST(ReferenceLinear, AgreesWithPyTorch) {
  check_golden<Sequential<Input<7, 1, 1>, Linear<3>>>(golden::linear);
}

TEST(ReferenceLinear, HasTheGradientsOfNumericalDifferentiation) {
  check_last_operation<Sequential<Input<7, 1, 1>, Linear<3>>>();
  check_last_operation<Sequential<Input<5, 1, 1>, Linear<4, NoBias>>>();
}

}  // namespace
}  // namespace attar::test::linear_test
