// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <attar/detail/whole_range.hpp>
#include <attar/io/bit_stream.hpp>
#include <attar/io/huffman.hpp>

/// The streams that compressed tensors are made of. A stream is a sequence of bytes, here called symbols, whose number
/// the reader knows. Without symbols it has no bytes; else its first byte says how it is written:
///
///     0       all symbols are the byte that follows
///     1 to 8  each symbol has so many bits
///     9       Huffman: the largest symbol; the code lengths of all symbols up to it, 4 bits each; the codes
///
/// and it ends at a whole byte, behind zeros.
namespace attar::detail {

inline constexpr std::uint32_t stream_of_one = 0;
inline constexpr std::uint32_t stream_of_codes = 9;

/// The stream of the symbols, in the shortest of its forms.
[[nodiscard]] inline std::vector<std::byte> pack_bytes(std::span<const std::uint8_t> symbols) {
  BitWriter writer;
  if (symbols.empty()) return {};
  std::array<std::uint64_t, 256> counts{};
  for (const std::uint8_t symbol : symbols) ++counts[symbol];
  const std::uint8_t largest = *std::max_element(symbols.begin(), symbols.end());
  if (counts[largest] == symbols.size()) {
    writer.write(stream_of_one, 8);
    writer.write(largest, 8);
    return std::move(writer).bytes();
  }

  const auto width = static_cast<unsigned>(std::bit_width(largest));
  const std::vector<std::uint8_t> lengths = huffman_lengths(std::span{counts}.first(std::size_t{largest} + 1));
  std::uint64_t code_bits = 8 + 4 * lengths.size();
  for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol) code_bits += lengths[symbol] * counts[symbol];
  if (code_bits < width * symbols.size()) {
    writer.write(stream_of_codes, 8);
    writer.write(largest, 8);
    for (const std::uint8_t length : lengths) writer.write(length, 4);
    const HuffmanCode code{lengths};
    for (const std::uint8_t symbol : symbols) code.write(writer, symbol);
  } else {
    writer.write(width, 8);
    for (const std::uint8_t symbol : symbols) writer.write(symbol, width);
  }
  writer.align();
  return std::move(writer).bytes();
}

/// Reads the stream of `symbols.size()` symbols. Throws `file_damaged`.
inline void unpack_bytes(BitReader& reader, std::span<std::uint8_t> symbols) {
  if (symbols.empty()) return;
  const std::uint32_t form = reader.read(8);
  if (form == stream_of_one) {
    detail::fill(symbols, static_cast<std::uint8_t>(reader.read(8)));
  } else if (form < stream_of_codes) {
    for (std::uint8_t& symbol : symbols) symbol = static_cast<std::uint8_t>(reader.read(form));
  } else if (form == stream_of_codes) {
    std::vector<std::uint8_t> lengths(std::size_t{reader.read(8)} + 1);
    for (std::uint8_t& length : lengths) length = static_cast<std::uint8_t>(reader.read(4));
    const HuffmanCode code{lengths, reader.subject()};
    for (std::uint8_t& symbol : symbols) symbol = code.read(reader);
  } else {
    reader.fail("a form of stream from 0 to 9", std::to_string(form));
  }
  reader.align();
}

}  // namespace attar::detail
