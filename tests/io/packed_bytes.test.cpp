// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "scratch.hpp"
#include <attar/core/rng.hpp>
#include <attar/io/packed_bytes.hpp>

namespace attar::detail::packed_bytes_test {
namespace {

using Symbols = std::vector<std::uint8_t>;

std::vector<std::byte> bytes(std::initializer_list<int> numbers) {
  std::vector<std::byte> result;
  for (const int number : numbers) result.push_back(static_cast<std::byte>(number));
  return result;
}

Symbols unpacked(const std::vector<std::byte>& packed, std::size_t count) {
  Symbols symbols(count);
  BitReader reader{packed, "stream"};
  unpack_bytes(reader, symbols);
  EXPECT_TRUE(reader.at_end());
  return symbols;
}

TEST(PackedBytes, EachFormWhereItIsShortest) {
  EXPECT_TRUE(pack_bytes({}).empty());
  EXPECT_EQ(pack_bytes(Symbols(1000, 7)), bytes({0, 7}));
  EXPECT_EQ(pack_bytes(Symbols{1, 0, 1, 1, 0}), bytes({1, 0b1011'0000}));
  EXPECT_EQ(pack_bytes(Symbols{5, 255}), bytes({8, 5, 255}));
  Symbols skewed(1000, 3);
  skewed[500] = 2;
  // Huffman: largest symbol 3; lengths 0, 0, 1, 1; a bit per symbol instead of two.
  const auto packed = pack_bytes(skewed);
  EXPECT_EQ(packed.size(), 1 + 1 + 2 + 125);
  EXPECT_EQ(std::vector(packed.begin(), packed.begin() + 4), bytes({9, 3, 0x00, 0x11}));
}

TEST(PackedBytes, ComeBackWhateverTheyAre) {
  Rng rng{Seed{3}};
  for (int round = 0; round < 300; ++round) {
    const std::uint32_t range = 1 + rng.below(256);
    const bool skewed = rng.below(2) == 0;
    Symbols symbols(rng.below(400));
    for (std::uint8_t& symbol : symbols) {
      symbol = static_cast<std::uint8_t>(skewed ? rng.below(1 + rng.below(range)) : rng.below(range));
    }
    const auto packed = pack_bytes(symbols);
    ASSERT_EQ(unpacked(packed, symbols.size()), symbols);
    ASSERT_LE(packed.size(), symbols.size() + 1);
  }
}

TEST(PackedBytes, RefusesWhatIsDamaged) {
  const auto refused = [](const std::vector<std::byte>& packed, std::size_t count, const char* why) {
    test::expect_error(ErrorCode::file_damaged, why, [&] { (void)unpacked(packed, count); });
  };
  refused({}, 1, "more data");
  refused(bytes({10, 1, 2, 3}), 3, "a form of stream from 0 to 9, found 10");
  refused(bytes({0}), 3, "more data");
  refused(bytes({8, 1, 2}), 3, "more data");
  refused(bytes({1, 0b1010'0001}), 3, "zeros to the end of a byte");
  refused(bytes({9, 3, 0x00}), 8, "more data");
  refused(bytes({9, 3, 0x01, 0x11, 0x00}), 8, "over-subscribed");
  refused(bytes({9, 3, 0x00, 0x12, 0x00}), 8, "under-subscribed");
  refused(bytes({9, 1, 0xDD, 0x00}), 8, "codes of at most 12 bits, found 13");
  refused(bytes({9, 3, 0x00, 0x11, 0x55}), 9, "more data");
  refused(bytes({9, 3, 0x00, 0x11, 0x55}), 7, "zeros to the end of a byte");
}

}  // namespace
}  // namespace attar::detail::packed_bytes_test
