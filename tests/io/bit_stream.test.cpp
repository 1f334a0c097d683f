// SPDX-License-Identifier: MIT
#include <cstdint>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "scratch.hpp"
#include <attar/core/rng.hpp>
#include <attar/io/bit_stream.hpp>

namespace attar::detail::bit_stream_test {
namespace {

TEST(BitStream, WritesTheHighestBitFirst) {
  BitWriter writer;
  writer.write(0b101, 3);
  writer.write(0b11, 2);
  writer.align();
  EXPECT_EQ(writer.bytes(), std::vector<std::byte>{std::byte{0b1011'1000}});
}

TEST(BitStream, ReadsBackWhatItWrote) {
  Rng rng{Seed{1}};
  std::vector<std::pair<std::uint32_t, unsigned>> pieces;
  BitWriter writer;
  for (int i = 0; i < 5000; ++i) {
    const unsigned count = 1 + rng.below(32);
    pieces.emplace_back(rng.bits() >> (32 - count), count);
    writer.write(pieces.back().first, count);
  }
  writer.align();
  BitReader reader{writer.bytes(), "bits"};
  for (const auto& [bits, count] : pieces) ASSERT_EQ(reader.read(count), bits);
  reader.align();
  EXPECT_TRUE(reader.at_end());
  test::expect_error(ErrorCode::file_damaged, "bits: expected more data", [&] { (void)reader.read(1); });
}

TEST(BitStream, ReadsBackNumbers) {
  const std::vector<std::uint64_t> numbers{
      0, 1, 127, 128, 300, 16383, 16384, 0xFFFF'FFFF, (std::uint64_t{1} << 62) - 1};
  BitWriter writer;
  for (const std::uint64_t number : numbers) writer.number(number);
  BitReader reader{writer.bytes(), "numbers"};
  for (const std::uint64_t number : numbers) EXPECT_EQ(reader.number(number, "things"), number);
  EXPECT_TRUE(reader.at_end());
}

TEST(BitStream, RefusesNumbersThatAreTooLarge) {
  BitWriter writer;
  writer.number(1000);
  test::expect_error(ErrorCode::file_damaged, "expected at most 999 things, found 1000",
                     [&] { (void)BitReader{writer.bytes(), ""}.number(999, "things"); });
  const std::vector<std::byte> endless(20, std::byte{0xFF});
  test::expect_error(ErrorCode::file_damaged, "2^63", [&] { (void)BitReader{endless, ""}.number(999, "things"); });
}

TEST(BitStream, RefusesBitsBehindTheEndOfAStream) {
  const std::vector<std::byte> bytes{std::byte{0b1010'0001}};
  BitReader reader{bytes, ""};
  (void)reader.read(3);
  test::expect_error(ErrorCode::file_damaged, "zeros to the end of a byte", [&] { reader.align(); });
}

TEST(BitStream, ShowsZerosBehindTheEnd) {
  const std::vector<std::byte> bytes{std::byte{0xFF}};
  BitReader reader{bytes, ""};
  EXPECT_EQ(reader.peek(12), 0xFF0U);
  reader.skip(8);
  EXPECT_TRUE(reader.at_end());
}

}  // namespace
}  // namespace attar::detail::bit_stream_test
