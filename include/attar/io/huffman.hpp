// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <attar/core/error.hpp>
#include <attar/io/bit_stream.hpp>

namespace attar {

/// The longest code in a compressed file, in bits: a decoding table of 4096 entries fits into the first-level cache,
/// and the lengths of real streams lose nothing by it.
inline constexpr unsigned longest_huffman_code = 12;

/// The lengths, in bits, of the prefix code that is shortest for symbols of these frequencies and has no code longer
/// than `longest` (Huffman 1952; with the limit: package-merge, Larmore and Hirschberg 1990). Symbols that do not occur
/// have length 0; so have all where fewer than two occur, since no complete code has one symbol. Throws
/// `invalid_argument` where so many symbols have no code so short.
[[nodiscard]] inline std::vector<std::uint8_t> huffman_lengths(std::span<const std::uint64_t> frequencies,
                                                               unsigned longest = longest_huffman_code) {
  std::vector<std::uint8_t> lengths(frequencies.size());
  std::vector<std::size_t> symbols;
  for (std::size_t symbol = 0; symbol < frequencies.size(); ++symbol) {
    if (frequencies[symbol] > 0) symbols.push_back(symbol);
  }
  if (symbols.size() < 2) return lengths;
  if (longest < 1 || longest > 32 || symbols.size() > std::uint64_t{1} << longest) {
    raise(Error{ErrorCode::invalid_argument, "symbols of a Huffman code",
                "at most 2 to the power of the longest code, " + std::to_string(longest),
                std::to_string(symbols.size())});
  }
  std::sort(symbols.begin(), symbols.end(),
            [&](std::size_t a, std::size_t b) { return std::pair{frequencies[a], a} < std::pair{frequencies[b], b}; });

  // Each level holds the symbols and the pairs of the level before, by weight. Whoever takes the cheapest 2n - 2 of the
  // last level, and what their pairs are made of, takes each symbol as many times as its code has bits.
  struct Item {
    std::uint64_t weight;
    bool is_symbol;
  };
  std::vector<Item> leaves;
  for (const std::size_t symbol : symbols) leaves.push_back({frequencies[symbol], true});
  std::vector<std::vector<Item>> levels{leaves};
  while (levels.size() < longest) {
    const std::vector<Item>& before = levels.back();
    std::vector<Item> pairs;
    for (std::size_t i = 1; i < before.size(); i += 2)
      pairs.push_back({before[i - 1].weight + before[i].weight, false});
    std::vector<Item> merged(leaves.size() + pairs.size());
    std::merge(leaves.begin(), leaves.end(), pairs.begin(), pairs.end(), merged.begin(),
               [](const Item& a, const Item& b) { return a.weight < b.weight; });
    levels.push_back(std::move(merged));
  }
  std::size_t taken = 2 * symbols.size() - 2;
  for (std::size_t level = levels.size(); level-- > 0;) {
    const auto end = levels[level].begin() + static_cast<std::ptrdiff_t>(taken);
    const auto leaf_count = static_cast<std::size_t>(
        std::count_if(levels[level].begin(), end, [](const Item& item) { return item.is_symbol; }));
    for (std::size_t i = 0; i < leaf_count; ++i) ++lengths[symbols[i]];
    taken = 2 * (taken - leaf_count);
  }
  return lengths;
}

/// A canonical prefix code: codes ascend by length and then by symbol, so that the lengths alone tell them.
class HuffmanCode {
 public:
  /// Throws `file_damaged` with `subject` unless the lengths (0 to `longest_huffman_code`, of at most 256 symbols) are
  /// those of a complete code: neither over-subscribed nor under-subscribed.
  explicit HuffmanCode(std::span<const std::uint8_t> lengths, const std::string& subject = "Huffman code")
      : lengths_{lengths.begin(), lengths.end()}, codes_(lengths.size()) {
    const auto fail = [&](std::string expected, std::string found) {
      raise(Error{ErrorCode::file_damaged, subject, std::move(expected), std::move(found)});
    };
    if (lengths.size() > 256) fail("a code of at most 256 symbols", std::to_string(lengths.size()));
    std::uint64_t space = 0;
    for (const std::uint8_t length : lengths) {
      if (length > longest_huffman_code)
        fail("codes of at most " + std::to_string(longest_huffman_code) + " bits", std::to_string(length));
      longest_ = std::max<unsigned>(longest_, length);
      if (length > 0) space += std::uint64_t{1} << (longest_huffman_code - length);
    }
    constexpr std::uint64_t all = std::uint64_t{1} << longest_huffman_code;
    if (space != all) fail("a complete code", space > all ? "an over-subscribed one" : "an under-subscribed one");

    table_.reserve(std::size_t{1} << longest_);
    for (unsigned length = 1; length <= longest_; ++length) {
      for (std::size_t symbol = 0; symbol < lengths_.size(); ++symbol) {
        if (lengths_[symbol] != length) continue;
        codes_[symbol] = static_cast<std::uint32_t>(table_.size() >> (longest_ - length));
        table_.insert(table_.end(), std::size_t{1} << (longest_ - length),
                      {static_cast<std::uint8_t>(symbol), static_cast<std::uint8_t>(length)});
      }
    }
  }

  /// Writes a symbol, which must have a code.
  void write(detail::BitWriter& writer, std::uint8_t symbol) const { writer.write(codes_[symbol], lengths_[symbol]); }
  /// Reads a symbol by one look into a table. Throws `file_damaged` where the data end within it.
  [[nodiscard]] std::uint8_t read(detail::BitReader& reader) const {
    const Entry entry = table_[reader.peek(longest_)];
    reader.skip(entry.length);
    return entry.symbol;
  }

 private:
  struct Entry {
    std::uint8_t symbol;
    std::uint8_t length;
  };

  std::vector<std::uint8_t> lengths_;
  std::vector<std::uint32_t> codes_;
  std::vector<Entry> table_;  // What the next `longest_` bits begin with.
  unsigned longest_ = 0;
};

}  // namespace attar
