// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/train/history.hpp>

namespace attar {
namespace {

TEST(History, BeginsEmpty) {
  EXPECT_TRUE(History{}.empty());
  EXPECT_EQ(EpochRecord{}.epoch, 0);
}

}  // namespace
}  // namespace attar
