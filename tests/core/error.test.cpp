// SPDX-License-Identifier: MIT
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include <attar/core/error.hpp>

namespace attar {
namespace {

TEST(Error, IsOneSentenceAndItsParts) {
  const Error error{ErrorCode::invalid_argument, "batch", "at least 1", "0"};
  EXPECT_STREQ(error.what(), "batch: expected at least 1, found 0");
  EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
  EXPECT_EQ(error.subject(), "batch");
  EXPECT_EQ(error.expected(), "at least 1");
  EXPECT_EQ(error.found(), "0");
}

TEST(Error, IsCaughtAsARuntimeError) {
  const auto fail = [] { throw Error{ErrorCode::file_not_found, "a", "b", "c"}; };
  EXPECT_THROW(fail(), std::runtime_error);
}

TEST(Error, SurvivesBeingCopied) {
  Error copy{ErrorCode::unsupported, "x", "y", "z"};
  {
    const Error original{ErrorCode::file_damaged, "path", "json", "noise"};
    copy = original;
  }
  EXPECT_STREQ(copy.what(), "path: expected json, found noise");
  EXPECT_EQ(copy.code(), ErrorCode::file_damaged);
}

}  // namespace
}  // namespace attar
