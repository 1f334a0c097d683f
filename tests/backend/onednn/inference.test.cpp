// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "../../support/onednn_bf16.hpp"
#include "../../support/sessions_agree.hpp"
#include <attar/backend/onednn.hpp>
#include <attar/backend/onednn/inference.hpp>
#include <attar/core/dtype.hpp>

namespace attar::test::inference_test {
namespace {

TEST(OneDnnInference, AgreesWithTheOracleOnNetworks) {
  expect_oracle_on_networks<OneDnn, float>(2e-5);
}

TEST(OneDnnInference, AgreesWithTheOracleOnRandomNetworks) {
  expect_oracle_on_random_networks<OneDnn, float>(40, 1e-4);
}

TEST(OneDnnInference, IsNearTheOracleInBf16) {
  ATTAR_SKIP_WITHOUT_BF16();
  expect_oracle_on_networks<OneDnn, bf16>(4e-2);
}

}  // namespace
}  // namespace attar::test::inference_test
