// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "../../support/int8_exact.hpp"
#include <attar/backend/eigen.hpp>
#include <attar/backend/eigen/int8.hpp>

namespace attar::test::int8_test {
namespace {

TEST(EigenInt8, IsExactlyThePlainIntegerInterpreter) {
  expect_exact_on_random_networks<EigenBackend>(150);
}

}  // namespace
}  // namespace attar::test::int8_test
