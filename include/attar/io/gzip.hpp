// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>

#include <zlib.h>

#include <attar/core/error.hpp>
#include <attar/io/file.hpp>

namespace attar::detail {

/// Whether the bytes begin as a gzip file does.
[[nodiscard]] inline bool is_gzip(std::span<const std::byte> bytes) noexcept {
  return bytes.size() >= 2 && bytes[0] == std::byte{0x1F} && bytes[1] == std::byte{0x8B};
}

/// Unpacks a gzip file in memory piece by piece, never more than is asked for: a small file that would unpack to a
/// huge one (a "bomb") takes no more memory than the caller has decided on.
class GzipReader {
 public:
  /// `bytes` must outlive the reader; `subject` is their name in messages.
  GzipReader(std::span<const std::byte> bytes, std::string subject) : input_{bytes}, subject_{std::move(subject)} {
    constexpr int gzip_only = 16 + MAX_WBITS;
    if (inflateInit2(&stream_, gzip_only) != Z_OK)
      raise(Error{ErrorCode::out_of_memory, subject_, "memory to unpack it", "none"});
  }
  GzipReader(const GzipReader&) = delete;
  GzipReader& operator=(const GzipReader&) = delete;
  ~GzipReader() { inflateEnd(&stream_); }

  /// The most that the file can unpack to: deflate packs at most 1032 to 1.
  [[nodiscard]] std::uint64_t most_bytes() const noexcept { return std::uint64_t{1032} * input_.size(); }

  /// Fills all of `destination`. Throws `Error` with `file_damaged`.
  void read(std::span<std::byte> destination) {
    const std::size_t count = inflate_into(destination);
    if (count != destination.size())
      fail(std::to_string(destination.size() - count) + " more bytes", "the end of the packed data");
  }

  /// Checks that the data end here, with the right checksum, and nothing follows them.
  void finish() {
    std::byte extra{};
    if (inflate_into({&extra, 1}) != 0) fail("the packed data to end", "more of them than their header says");
    if (taken_ != input_.size())
      fail("the end of the file", std::to_string(input_.size() - taken_) + " bytes after the packed data");
  }

 private:
  [[noreturn]] void fail(std::string expected, std::string found) const {
    raise(Error{ErrorCode::file_damaged, subject_, std::move(expected), std::move(found)});
  }

  /// Unpacks until the destination is full or the packed data end; returns how many bytes were written.
  std::size_t inflate_into(std::span<std::byte> destination) {
    constexpr std::size_t most = std::numeric_limits<uInt>::max();
    std::size_t written = 0;
    while (!ended_ && written < destination.size()) {
      const auto available = static_cast<uInt>(std::min(most, input_.size() - taken_));
      const auto space = static_cast<uInt>(std::min(most, destination.size() - written));
      // zlib's interface predates const; it does not write to its input.
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(input_.data() + taken_));
      stream_.avail_in = available;
      stream_.next_out = reinterpret_cast<Bytef*>(destination.data() + written);
      stream_.avail_out = space;
      const int result = inflate(&stream_, Z_NO_FLUSH);
      taken_ += available - stream_.avail_in;
      written += space - stream_.avail_out;
      if (result == Z_STREAM_END) {
        ended_ = true;
      } else if (result == Z_BUF_ERROR) {
        fail("more packed data", "the end of the file: it is cut off");
      } else if (result == Z_MEM_ERROR) {
        raise(Error{ErrorCode::out_of_memory, subject_, "memory to unpack it", "none"});
      } else if (result != Z_OK) {
        fail("valid gzip data", stream_.msg != nullptr ? stream_.msg : "damaged ones");
      }
    }
    return written;
  }

  std::span<const std::byte> input_;
  std::string subject_;
  z_stream stream_{};
  std::size_t taken_ = 0;
  bool ended_ = false;
};

}  // namespace attar::detail
