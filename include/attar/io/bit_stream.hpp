// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <attar/core/error.hpp>

namespace attar::detail {

/// Bits written one after the other, the highest of a number first.
class BitWriter {
 public:
  /// The lowest `count` bits of `bits`, at most 32; the others must be zero.
  void write(std::uint32_t bits, unsigned count) {
    held_ = held_ << count | bits;
    for (held_bits_ += count; held_bits_ >= 8;) {
      held_bits_ -= 8;
      bytes_.push_back(static_cast<std::byte>(held_ >> held_bits_));
    }
  }
  /// Zeros to the end of the byte.
  void align() {
    if (held_bits_ > 0) write(0, 8 - held_bits_);
  }
  /// A number, seven bits in each byte, the lowest first; the highest bit says that more follow.
  void number(std::uint64_t value) {
    for (; value > 0x7F; value >>= 7) write(static_cast<std::uint32_t>(value & 0x7F) | 0x80, 8);
    write(static_cast<std::uint32_t>(value), 8);
  }
  /// Whole bytes, behind whole bytes.
  void append(std::span<const std::byte> bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }

  /// What was written; whole bytes only.
  [[nodiscard]] const std::vector<std::byte>& bytes() const& noexcept { return bytes_; }
  [[nodiscard]] std::vector<std::byte> bytes() && noexcept { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
  std::uint64_t held_ = 0;
  unsigned held_bits_ = 0;
};

/// Reads what `BitWriter` wrote, from bytes that are trusted in nothing. Throws `Error` with `file_damaged`.
class BitReader {
 public:
  /// `subject` is what messages are about.
  BitReader(std::span<const std::byte> bytes, std::string subject) : bytes_{bytes}, subject_{std::move(subject)} {}

  [[nodiscard]] const std::string& subject() const noexcept { return subject_; }
  void set_subject(std::string subject) { subject_ = std::move(subject); }

  /// The next `count` bits, 1 to 32, without going on; zeros stand behind the end.
  [[nodiscard]] std::uint32_t peek(unsigned count) noexcept {
    if (held_bits_ < count) refill();
    return static_cast<std::uint32_t>(held_ >> (64 - count));
  }
  /// Goes on by bits that were peeked at.
  void skip(unsigned count) {
    if (count > held_bits_) fail("more data", "the end of them");
    held_ <<= count;
    held_bits_ -= count;
  }
  [[nodiscard]] std::uint32_t read(unsigned count) {
    const std::uint32_t bits = peek(count);
    skip(count);
    return bits;
  }
  /// Goes to the end of the byte, over bits that must be zero.
  void align() {
    const unsigned rest = held_bits_ % 8;
    if (rest > 0 && read(rest) != 0) fail("zeros to the end of a byte", "other bits");
  }
  /// What `BitWriter::number` wrote, if it is at most `most`.
  [[nodiscard]] std::uint64_t number(std::uint64_t most, const char* what) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
      const std::uint64_t byte = read(8);
      value |= (byte & 0x7F) << shift;
      if (byte < 0x80) {
        if (value > most) fail(std::string{"at most "} + std::to_string(most) + " " + what, std::to_string(value));
        return value;
      }
    }
    fail(std::string{"at most "} + std::to_string(most) + " " + what, "2^63 or more");
  }
  /// Whether all whole bytes are read.
  [[nodiscard]] bool at_end() const noexcept { return position_ == bytes_.size() && held_bits_ < 8; }

  [[noreturn]] void fail(std::string expected, std::string found) const {
    raise(Error{ErrorCode::file_damaged, subject_, std::move(expected), std::move(found)});
  }

 private:
  /// Leaves at least 56 bits, or all that there are. Behind the held bits may stand the beginning of the next byte: the
  /// same bits are then put there again.
  void refill() noexcept {
    if (bytes_.size() - position_ >= sizeof(held_)) {
      std::uint64_t next = 0;
      std::memcpy(&next, bytes_.data() + position_, sizeof(next));
      held_ |= __builtin_bswap64(next) >> held_bits_;
      const unsigned taken = (63 - held_bits_) / 8;
      position_ += taken;
      held_bits_ += 8 * taken;
      return;
    }
    for (; held_bits_ <= 56 && position_ < bytes_.size(); held_bits_ += 8) {
      held_ |= static_cast<std::uint64_t>(bytes_[position_++]) << (56 - held_bits_);
    }
  }

  static_assert(std::endian::native == std::endian::little);

  std::span<const std::byte> bytes_;
  std::string subject_;
  std::size_t position_ = 0;
  std::uint64_t held_ = 0;
  unsigned held_bits_ = 0;
};

}  // namespace attar::detail
