// SPDX-License-Identifier: MIT
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <gtest/gtest.h>

#include "scratch.hpp"
#include <attar/io/checksum.hpp>

namespace attar::checksum_test {
namespace {

using attar::Checksum;
using attar::test::bytes_of;

TEST(Checksum, IsXxh64) {
  // Published values of XXH64 with seed 0.
  EXPECT_EQ(Checksum{}.value(), 0xEF46DB3751D8E999U);
  EXPECT_EQ(Checksum{}.add(bytes_of("a")).value(), 0xD24EC4F1A98C6E5BU);
  EXPECT_EQ(Checksum{}.add(bytes_of("abc")).value(), 0x44BC2CF5AD770999U);
}

TEST(Checksum, DoesNotDependOnThePieces) {
  const std::string text = "A text that is longer than the 32 bytes which the algorithm takes at a time.";
  const auto whole = Checksum{}.add(bytes_of(text)).value();
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    EXPECT_EQ(Checksum{}.add(bytes_of(text).first(cut)).add(bytes_of(text).subspan(cut)).value(), whole) << cut;
  }
}

TEST(Checksum, AddsNumbersAsTheirBytes) {
  EXPECT_EQ(Checksum{}.add(0x64636261U).value(), Checksum{}.add(bytes_of(std::string_view{"abcd\0\0\0\0", 8})).value());
}

TEST(Checksum, HexHasSixteenLowerCaseDigits) {
  EXPECT_EQ(Checksum{}.hex(), "ef46db3751d8e999");
  // A value that begins with a zero keeps it.
  std::uint64_t number = 0;
  while (Checksum{}.add(number).value() >> 60 != 0) ++number;
  const auto hex = Checksum{}.add(number).hex();
  EXPECT_EQ(hex.size(), 16U);
  EXPECT_EQ(hex[0], '0');
  EXPECT_EQ(std::stoull(hex, nullptr, 16), Checksum{}.add(number).value());
}

}  // namespace
}  // namespace attar::checksum_test
