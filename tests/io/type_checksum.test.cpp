// SPDX-License-Identifier: MIT
#include <set>
#include <string>

#include <gtest/gtest.h>

#include <attar/io/type_checksum.hpp>

namespace attar::test::type_checksum_test {
namespace {

template <class T, int Number>
struct Pair;

TEST(TypeChecksum, TellsTypesApart) {
  const std::set<std::string> all{type_checksum<Pair<float, 3>>(),  type_checksum<Pair<float, 4>>(),
                                  type_checksum<Pair<double, 3>>(), type_checksum<float>(),
                                  type_checksum<const float>(),     type_checksum<float&>()};
  EXPECT_EQ(all.size(), 6U);
  EXPECT_EQ(all.begin()->size(), 16U);
}

TEST(TypeChecksum, IsTheSameForAnotherName) {
  using Alias = Pair<float, 3>;
  EXPECT_EQ((type_checksum<Pair<float, 3>>()), type_checksum<Alias>());
}

}  // namespace
}  // namespace attar::test::type_checksum_test
