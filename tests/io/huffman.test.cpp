// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "scratch.hpp"
#include <attar/core/rng.hpp>
#include <attar/io/huffman.hpp>

namespace attar::huffman_test {
namespace {

using Lengths = std::vector<std::uint8_t>;
using Counts = std::vector<std::uint64_t>;

int longest(const Lengths& lengths) {
  return *std::ranges::max_element(lengths);
}

double kraft_sum(const Lengths& lengths) {
  double sum = 0;
  for (const std::uint8_t length : lengths) sum += length == 0 ? 0 : std::exp2(-length);
  return sum;
}

std::uint64_t bits_of(const Counts& counts, const Lengths& lengths) {
  return std::transform_reduce(counts.begin(), counts.end(), lengths.begin(), std::uint64_t{0});
}

/// What the textbook's algorithm needs, which has no limit: the sum of all weights that it merges.
std::uint64_t textbook_bits(Counts counts) {
  std::erase(counts, 0);
  std::uint64_t bits = 0;
  while (counts.size() > 1) {
    std::ranges::sort(counts, std::greater<>{});
    const std::uint64_t merged = counts[counts.size() - 1] + counts[counts.size() - 2];
    counts.resize(counts.size() - 2);
    counts.push_back(merged);
    bits += merged;
  }
  return bits;
}

TEST(HuffmanLengths, KnownCodes) {
  EXPECT_EQ(huffman_lengths(Counts{45, 13, 12, 16, 9, 5}), (Lengths{1, 3, 3, 3, 4, 4}));  // Cormen et al.
  EXPECT_EQ(huffman_lengths(Counts{8, 4, 2, 1, 1}), (Lengths{1, 2, 3, 4, 4}));
  EXPECT_EQ(huffman_lengths(Counts{7, 0, 7, 7, 7}), (Lengths{2, 0, 2, 2, 2}));
  EXPECT_EQ(huffman_lengths(Counts{0, 3, 0, 1}), (Lengths{0, 1, 0, 1}));
}

TEST(HuffmanLengths, OneSymbolNeedsNoCode) {
  EXPECT_EQ(huffman_lengths(Counts{0, 9, 0}), (Lengths{0, 0, 0}));
  EXPECT_TRUE(huffman_lengths(Counts{}).empty());
}

TEST(HuffmanLengths, TheLimitHolds) {
  const Counts fibonacci{1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610, 987, 1597, 2584};
  EXPECT_EQ(longest(huffman_lengths(fibonacci, 20)), 17);
  for (unsigned limit = 5; limit <= 17; ++limit) {
    const Lengths lengths = huffman_lengths(fibonacci, limit);
    EXPECT_EQ(longest(lengths), static_cast<int>(limit));
    EXPECT_EQ(kraft_sum(lengths), 1);
  }
  // Of the codes of 4 symbols with at most 2 bits there is only one.
  EXPECT_EQ(huffman_lengths(Counts{1, 10, 100, 1000}, 2), (Lengths{2, 2, 2, 2}));
  // The best with at most 3 bits: 1000 must have 1 bit, and then 100 must have 2 or share 3 with all others.
  EXPECT_EQ(huffman_lengths(Counts{1, 2, 10, 100, 1000}, 3), (Lengths{3, 3, 3, 3, 1}));
}

TEST(HuffmanLengths, MoreSymbolsThanCodes) {
  test::expect_error(ErrorCode::invalid_argument, "symbols of a Huffman code",
                     [] { (void)huffman_lengths(Counts(5, 1), 2); });
}

TEST(HuffmanLengths, OptimalCompleteAndWithinABitOfTheEntropy) {
  Rng rng{Seed{5}};
  for (int round = 0; round < 200; ++round) {
    Counts counts(2 + rng.below(255));
    for (std::uint64_t& count : counts) count = std::uint64_t{1} << rng.below(9) << rng.below(3);
    const Lengths lengths = huffman_lengths(counts, 30);
    ASSERT_EQ(kraft_sum(lengths), 1);
    ASSERT_EQ(bits_of(counts, lengths), textbook_bits(counts));
    const auto all = static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}));
    double entropy = 0;
    for (const std::uint64_t count : counts) {
      entropy -= static_cast<double>(count) * std::log2(static_cast<double>(count) / all);
    }
    const auto bits = static_cast<double>(bits_of(counts, huffman_lengths(counts)));
    ASSERT_GE(bits, entropy - 1e-6);
    ASSERT_LT(bits, entropy + all);
  }
}

TEST(HuffmanCode, CodesAscendByLengthAndSymbol) {
  const HuffmanCode code{Lengths{2, 1, 3, 3}};
  detail::BitWriter writer;
  for (const std::uint8_t symbol : Lengths{1, 0, 2, 3}) code.write(writer, symbol);  // 0, 10, 110, 111
  writer.align();
  EXPECT_EQ(writer.bytes(), (std::vector<std::byte>{std::byte{0b0101'1011}, std::byte{0b1000'0000}}));
}

TEST(HuffmanCode, ReadsBackWhatItWrote) {
  Rng rng{Seed{2}};
  std::vector<std::uint8_t> symbols(20'000);
  Counts counts(256);
  for (std::uint8_t& symbol : symbols) {
    symbol = static_cast<std::uint8_t>(std::abs(rng.normal()) * 40);
    ++counts[symbol];
  }
  const HuffmanCode code{huffman_lengths(counts)};
  detail::BitWriter writer;
  for (const std::uint8_t symbol : symbols) code.write(writer, symbol);
  writer.align();
  detail::BitReader reader{writer.bytes(), ""};
  for (const std::uint8_t symbol : symbols) ASSERT_EQ(code.read(reader), symbol);
  reader.align();
  EXPECT_TRUE(reader.at_end());
}

TEST(HuffmanCode, RefusesLengthsThatAreNoCode) {
  const auto refused = [](const Lengths& lengths, const char* why) {
    test::expect_error(ErrorCode::file_damaged, why, [&] { (void)HuffmanCode{lengths, "here"}; });
  };
  refused({1, 1, 2}, "over-subscribed");
  refused({1, 2, 3}, "under-subscribed");
  refused({1}, "under-subscribed");
  refused({0, 0}, "under-subscribed");
  refused({}, "under-subscribed");
  refused(Lengths(256, 1), "over-subscribed");
  refused({13, 13}, "here: expected codes of at most 12 bits, found 13");
  refused(Lengths(257, 9), "at most 256 symbols");
}

TEST(HuffmanCode, RefusesToReadBehindTheEnd) {
  const HuffmanCode code{Lengths{1, 2, 3, 3}};
  const std::vector<std::byte> bytes{std::byte{0xFF}};  // 111, 111, and 11 without an end.
  detail::BitReader reader{bytes, "cut"};
  EXPECT_EQ(code.read(reader), 3);
  EXPECT_EQ(code.read(reader), 3);
  test::expect_error(ErrorCode::file_damaged, "cut: expected more data", [&] { (void)code.read(reader); });
}

}  // namespace
}  // namespace attar::huffman_test
