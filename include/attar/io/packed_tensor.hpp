// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <attar/core/error.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/io/bit_stream.hpp>
#include <attar/io/packed_bytes.hpp>

/// A tensor in the compressed form, of elements that are words of 1, 2, 4 or 8 bytes. Zero is the word without a bit;
/// all others, -0.0 too, are kept as they are. It consists of
///
///     1 byte     where the words stand (2 bits), log2 of their bytes (2), whether they have a codebook (1), bits per
///                gap less 3 (3), from the lowest bit
///     a number   elements
///     places     dense: nothing
///                bitmap: a stream of a bit per element, the lowest of each byte first
///                gaps: how many there are, and their stream: how many zeros stand before the next word; the largest
///                gap of its bits has no word behind it
///     words      codebook: entries less 1 (a byte), the entries in ascending order, a stream of their numbers
///                else: a stream of the words' first bytes, one of their second bytes...
///
/// Gaps cannot be unsorted and cannot overlap; all else that can be wrong is refused.
namespace attar::detail {

enum class Places : std::uint8_t { dense, bitmap, gaps };

/// How a tensor is written.
struct Encoding {
  Places places = Places::dense;
  unsigned gap_bits = 3;
  bool codebook = false;

  /// "gaps of 5 bits, codebook".
  [[nodiscard]] std::string text() const {
    std::string text = places == Places::dense    ? "dense"
                       : places == Places::bitmap ? "bitmap"
                                                  : "gaps of " + std::to_string(gap_bits) + " bits";
    if (codebook) text += ", codebook";
    return text;
  }
};

/// A tensor in the compressed form, and what is to be said of it.
struct PackedTensor {
  Encoding encoding;
  std::size_t non_zeros = 0;
  std::vector<std::byte> bytes;
};

inline constexpr unsigned shortest_gap = 3;
inline constexpr unsigned longest_gap = 8;

/// NaN or infinity, if words of so many bytes are floats; those of 1 and 2 bytes are not looked at.
[[nodiscard]] inline bool is_finite_word(std::uint64_t word, std::size_t width) {
  if (width == 4) return std::isfinite(std::bit_cast<float>(static_cast<std::uint32_t>(word)));
  return width != 8 || std::isfinite(std::bit_cast<double>(word));
}

[[nodiscard]] inline std::vector<std::uint64_t> words_of(std::span<const std::byte> bytes, std::size_t width) {
  std::vector<std::uint64_t> words(bytes.size() / width);
  for (std::size_t i = 0; i < words.size(); ++i) std::memcpy(&words[i], bytes.data() + i * width, width);
  return words;
}

/// The streams of the words' bytes.
[[nodiscard]] inline std::vector<std::byte> pack_planes(std::span<const std::uint64_t> words, std::size_t width) {
  BitWriter writer;
  std::vector<std::uint8_t> plane(words.size());
  for (std::size_t byte = 0; byte < width; ++byte) {
    detail::transform(words, plane.begin(),
                      [&](std::uint64_t word) { return static_cast<std::uint8_t>(word >> (8 * byte)); });
    writer.append(pack_bytes(plane));
  }
  return std::move(writer).bytes();
}

/// Codebook and numbers; empty where the words are too many, too short, or not all finite.
[[nodiscard]] inline std::vector<std::byte> pack_codebook(std::span<const std::uint64_t> words, std::size_t width) {
  if (width == 1 || words.empty()) return {};
  std::vector<std::uint64_t> entries;
  for (const std::uint64_t word : words) {
    const auto place = std::lower_bound(entries.begin(), entries.end(), word);
    if (place != entries.end() && *place == word) continue;
    if (entries.size() == 256 || !is_finite_word(word, width)) return {};
    entries.insert(place, word);
  }
  BitWriter writer;
  writer.write(static_cast<std::uint32_t>(entries.size() - 1), 8);
  for (const std::uint64_t entry : entries) writer.append(std::as_bytes(std::span{&entry, 1}).first(width));
  std::vector<std::uint8_t> numbers(words.size());
  detail::transform(words, numbers.begin(), [&](std::uint64_t word) {
    return static_cast<std::uint8_t>(std::lower_bound(entries.begin(), entries.end(), word) - entries.begin());
  });
  writer.append(pack_bytes(numbers));
  return std::move(writer).bytes();
}

/// The count and the stream of the gaps between the words that are not zero.
[[nodiscard]] inline std::vector<std::byte> pack_gaps(std::span<const std::uint64_t> words, unsigned bits) {
  const std::size_t filler = (std::size_t{1} << bits) - 1;
  std::vector<std::uint8_t> gaps;
  std::size_t zeros = 0;
  for (const std::uint64_t word : words) {
    if (word == 0) {
      ++zeros;
      continue;
    }
    for (; zeros >= filler; zeros -= filler) gaps.push_back(static_cast<std::uint8_t>(filler));
    gaps.push_back(static_cast<std::uint8_t>(zeros));
    zeros = 0;
  }
  BitWriter writer;
  writer.number(gaps.size());
  writer.append(pack_bytes(gaps));
  return std::move(writer).bytes();
}

[[nodiscard]] inline std::vector<std::byte> pack_bitmap(std::span<const std::uint64_t> words) {
  std::vector<std::uint8_t> bits((words.size() + 7) / 8);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] != 0) bits[i / 8] = static_cast<std::uint8_t>(bits[i / 8] | 1U << (i % 8));
  }
  return pack_bytes(bits);
}

/// The shortest form of a tensor whose elements have `width` bytes. All forms are tried: saving may take its time.
[[nodiscard]] inline PackedTensor pack_tensor(std::span<const std::byte> bytes, std::size_t width) {
  const std::vector<std::uint64_t> words = words_of(bytes, width);
  std::vector<std::uint64_t> kept;
  for (const std::uint64_t word : words) {
    if (word != 0) kept.push_back(word);
  }

  struct Form {
    Encoding encoding;
    std::vector<std::byte> places;
    std::vector<std::byte> words;
  };
  const auto with_words = [&](Encoding encoding, std::vector<std::byte> places,
                              std::span<const std::uint64_t> numbers) {
    Form form{encoding, std::move(places), pack_planes(numbers, width)};
    std::vector<std::byte> codebook = pack_codebook(numbers, width);
    if (!codebook.empty() && codebook.size() < form.words.size()) {
      form.encoding.codebook = true;
      form.words = std::move(codebook);
    }
    return form;
  };
  Encoding sparse{.places = Places::bitmap};
  std::vector<std::byte> places = pack_bitmap(words);
  for (unsigned bits = shortest_gap; bits <= longest_gap; ++bits) {
    std::vector<std::byte> gaps = pack_gaps(words, bits);
    if (gaps.size() >= places.size()) continue;
    places = std::move(gaps);
    sparse = {.places = Places::gaps, .gap_bits = bits};
  }
  const auto size = [](const Form& form) { return form.places.size() + form.words.size(); };
  Form best = with_words({}, {}, words);
  if (Form other = with_words(sparse, std::move(places), kept); size(other) < size(best)) best = std::move(other);

  BitWriter writer;
  const auto head = static_cast<unsigned>(best.encoding.places) | static_cast<unsigned>(std::countr_zero(width)) << 2 |
                    unsigned{best.encoding.codebook} << 4 | (best.encoding.gap_bits - shortest_gap) << 5;
  writer.write(head, 8);
  writer.number(words.size());
  writer.append(best.places);
  writer.append(best.words);
  return {best.encoding, kept.size(), std::move(writer).bytes()};
}

/// The places of the words that are not zero, in ascending order.
[[nodiscard]] inline std::vector<std::size_t> unpack_places(BitReader& reader, const Encoding& encoding,
                                                            std::size_t elements) {
  std::vector<std::size_t> places;
  if (encoding.places == Places::bitmap) {
    std::vector<std::uint8_t> bits((elements + 7) / 8);
    unpack_bytes(reader, bits);
    for (std::size_t i = 0; i < 8 * bits.size(); ++i) {
      if ((bits[i / 8] >> (i % 8) & 1) == 0) continue;
      if (i >= elements) reader.fail("no bits behind the " + std::to_string(elements) + " of the bitmap", "some");
      places.push_back(i);
    }
    return places;
  }
  std::vector<std::uint8_t> gaps(reader.number(elements, "gaps"));  // Each stands for one element or more.
  unpack_bytes(reader, gaps);
  const std::size_t filler = (std::size_t{1} << encoding.gap_bits) - 1;
  std::size_t next = 0;
  for (const std::uint8_t gap : gaps) {
    if (gap > filler) reader.fail("gaps of at most " + std::to_string(filler), std::to_string(gap));
    next += gap;
    if (next + (gap < filler ? 1 : 0) > elements)
      reader.fail("gaps within " + std::to_string(elements) + " elements", "an index of " + std::to_string(next));
    if (gap < filler) places.push_back(next++);
  }
  return places;
}

[[nodiscard]] inline std::vector<std::uint64_t> unpack_words(BitReader& reader, const Encoding& encoding,
                                                             std::size_t width, std::size_t count) {
  std::vector<std::uint64_t> words(count);
  std::vector<std::uint8_t> symbols(count);
  if (!encoding.codebook) {
    for (std::size_t byte = 0; byte < width; ++byte) {
      unpack_bytes(reader, symbols);
      for (std::size_t i = 0; i < count; ++i) words[i] |= std::uint64_t{symbols[i]} << (8 * byte);
    }
    return words;
  }
  std::vector<std::uint64_t> entries(std::size_t{reader.read(8)} + 1);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    for (std::size_t byte = 0; byte < width; ++byte) entries[i] |= std::uint64_t{reader.read(8)} << (8 * byte);
    if (!is_finite_word(entries[i], width)) reader.fail("finite numbers in the codebook", "another");
    if (i > 0 && entries[i] <= entries[i - 1]) reader.fail("a codebook in ascending order", "another order");
  }
  unpack_bytes(reader, symbols);
  for (std::size_t i = 0; i < count; ++i) {
    if (symbols[i] >= entries.size())
      reader.fail("numbers below the codebook's " + std::to_string(entries.size()), std::to_string(symbols[i]));
    words[i] = entries[symbols[i]];
  }
  return words;
}

/// Reads a tensor into `bytes`, whose elements have `width` bytes, and takes no more memory than some words per element
/// of it, whatever the data say. Throws `Error` with `file_damaged`, or `architecture_mismatch` for another tensor.
inline void unpack_tensor(BitReader& reader, std::span<std::byte> bytes, std::size_t width) {
  const std::uint32_t head = reader.read(8);
  const Encoding encoding{.places = static_cast<Places>(head & 3),
                          .gap_bits = (head >> 5) + shortest_gap,
                          .codebook = (head >> 4 & 1) != 0};
  if (encoding.places > Places::gaps || encoding.gap_bits > longest_gap)
    reader.fail("a known encoding", "number " + std::to_string(head));
  const std::size_t elements = bytes.size() / width;
  const std::uint64_t found = reader.number(std::uint64_t{1} << 62, "elements");
  if (const std::size_t found_width = std::size_t{1} << (head >> 2 & 3); found != elements || found_width != width) {
    raise(Error{ErrorCode::architecture_mismatch, reader.subject(),
                std::to_string(elements) + " elements of " + std::to_string(width) + " bytes",
                std::to_string(found) + " of " + std::to_string(found_width)});
  }
  if (encoding.places == Places::dense) {
    const std::vector<std::uint64_t> words = unpack_words(reader, encoding, width, elements);
    for (std::size_t i = 0; i < elements; ++i) std::memcpy(bytes.data() + i * width, &words[i], width);
    return;
  }
  const std::vector<std::size_t> places = unpack_places(reader, encoding, elements);
  const std::vector<std::uint64_t> words = unpack_words(reader, encoding, width, places.size());
  if (!bytes.empty()) std::memset(bytes.data(), 0, bytes.size());
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (words[i] == 0) reader.fail("no zeros among the numbers that are not zero", "one");
    std::memcpy(bytes.data() + places[i] * width, &words[i], width);
  }
}

}  // namespace attar::detail
