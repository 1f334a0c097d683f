// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "../../support/sessions_agree.hpp"
#include <attar/backend/eigen.hpp>
#include <attar/backend/eigen/inference.hpp>

namespace attar::test::inference_test {
namespace {

TEST(EigenInference, AgreesWithTheOracleOnNetworks) {
  expect_oracle_on_networks<EigenBackend, float>(2e-5);
}

TEST(EigenInference, AgreesWithTheOracleOnRandomNetworks) {
  expect_oracle_on_random_networks<EigenBackend, float>(60, 1e-4);
}

}  // namespace
}  // namespace attar::test::inference_test
