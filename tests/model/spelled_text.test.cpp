// SPDX-License-Identifier: MIT
#include <string>

#include <gtest/gtest.h>

#include <attar/model/spelled_text.hpp>

namespace attar::spelled_text_test {
namespace {

TEST(SpelledText, OneLine) {
  EXPECT_EQ(to_text({"A"}), "A");
  EXPECT_EQ(to_text({"A", {{"1"}, {"B", {{"2"}}}}}), "A<1, B<2>>");
}

TEST(SpelledText, LinesAreBrokenWhereTheyWouldBeTooLong) {
  const std::string longer(60, 'x');
  EXPECT_EQ(to_lines({"A", {{"1"}, {"2"}}}), "A<1, 2>");
  EXPECT_EQ(to_lines({"A", {{"B", {{longer}, {longer}}}, {"2"}}}),
            "A<\n    B<\n        " + longer + ",\n        " + longer + ">,\n    2>");
}

}  // namespace
}  // namespace attar::spelled_text_test
