// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <attar/report/table.hpp>

namespace attar::table_test {
namespace {

TEST(Table, AlignsTextLeftAndNumbersRight) {
  Table table{{"name", "size"}};
  table.add({"a", "1,000,000"});
  table.add_rule();
  table.add({"longer", "7"});
  table.add({"no size"});
  EXPECT_EQ(table.text(),
            "name          size\n"
            "------------------\n"
            "a        1,000,000\n"
            "------------------\n"
            "longer           7\n"
            "no size\n");
}

TEST(Table, TakesMoreColumnsOfText) {
  Table table{{"a", "b", "c"}, 2};
  table.add({"x", "wide", "1"});
  EXPECT_EQ(table.text(),
            "a  b     c\n"
            "----------\n"
            "x  wide  1\n");
}

TEST(Numbers, AreGroupedByThousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(grouped(18446744073709551615U), "18,446,744,073,709,551,615");
}

TEST(Numbers, AreRounded) {
  EXPECT_EQ(fixed(93.714, 1), "93.7");
  EXPECT_EQ(fixed(-0.5, 2), "-0.50");
  EXPECT_EQ(share(1, 8), "12.5%");
  EXPECT_EQ(share(0, 0), "0.0%");
}

}  // namespace
}  // namespace attar::table_test
