// SPDX-License-Identifier: MIT
#include <string>

#include <gtest/gtest.h>

#include "../io/scratch.hpp"
#include <attar/core/instructions.hpp>

namespace {

using namespace attar;
using namespace attar::test;

TEST(Instructions, OfTheMachineThatTheTestsRunOnAreThere) {
  EXPECT_EQ(missing_instructions(), "");
  require_instructions();
}

TEST(Instructions, ThatAreMissingAreNamed) {
  expect_error(ErrorCode::unsupported, "one without AVX2, FMA", [] { require_instructions("AVX2, FMA"); });
}

}  // namespace
