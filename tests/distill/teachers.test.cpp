// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/distill/teachers.hpp>

namespace attar::teachers_test {
namespace {

TEST(Teachers, AreReferencesToNetworksOfAnyType) {
  const Network<Sequential<Input<1, 4, 4>, Flatten, Linear<2>>> one{Seed{1}};
  const Network<Sequential<Input<1, 4, 4>, GlobalAvgPool, Linear<2>>> other{Seed{1}};
  const auto both = teachers(one, other);
  EXPECT_EQ(both.count, 2U);
  EXPECT_EQ(&std::get<0>(both.networks), &one);
  EXPECT_EQ(&std::get<1>(both.networks), &other);
}

}  // namespace
}  // namespace attar::teachers_test
