// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/train/history.hpp>

namespace attar::history_test {
namespace {

TEST(History, BeginsEmpty) {
  EXPECT_TRUE(History{}.empty());
  EXPECT_EQ(EpochRecord{}.epoch, 0);
}

}  // namespace
}  // namespace attar::history_test
