// SPDX-License-Identifier: MIT
#include <set>
#include <string_view>

#include <gtest/gtest.h>

#include <attar/backend/step_description.hpp>

namespace attar {
namespace {

TEST(StepDescription, GivesEachOperationAName) {
  EXPECT_EQ(name_of(OpKind::conv2d), "conv2d");
  EXPECT_EQ(name_of(OpKind::scale), "scale");
  std::set<std::string_view> names;
  for (int kind = 0; kind <= static_cast<int>(OpKind::scale); ++kind) names.insert(name_of(static_cast<OpKind>(kind)));
  EXPECT_EQ(names.size(), static_cast<std::size_t>(OpKind::scale) + 1);
}

}  // namespace
}  // namespace attar
