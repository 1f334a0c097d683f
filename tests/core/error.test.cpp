// SPDX-License-Identifier: MIT
#include <exception>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include <attar/core/error.hpp>

namespace attar::error_test {
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
  EXPECT_THROW(raise(Error{ErrorCode::file_not_found, "a", "b", "c"}), std::runtime_error);
}

TEST(Error, StandsForThoseOfALibraryUnderneath) {
  const auto body = [](bool fails) {
    return detail::translate_exceptions<std::logic_error>(
        [&] { return fails ? throw std::logic_error{"theirs"} : 7; },
        [](const std::logic_error& error) { return Error{ErrorCode::backend_failure, "a", "b", error.what()}; });
  };
  EXPECT_EQ(body(false), 7);
  EXPECT_THROW(body(true), Error);
}

TEST(Error, IsKeptForAnotherThread) {
  EXPECT_EQ(detail::exception_of([] {}), nullptr);
  EXPECT_THROW(std::rethrow_exception(detail::exception_of([] { throw 7; })), int);
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
}  // namespace attar::error_test
