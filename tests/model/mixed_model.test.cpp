// SPDX-License-Identifier: MIT
#include <type_traits>

#include <gtest/gtest.h>

#include <attar/model/mixed_model.hpp>

namespace attar::mixed_model_test {
namespace {

TEST(MixedModel, IsAView) {
  static_assert(std::is_trivially_copyable_v<MixedModel>);
  EXPECT_TRUE(MixedModel{}.precisions.empty());
}

}  // namespace
}  // namespace attar::mixed_model_test
