// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <attar/core/aligned_buffer.hpp>
#include <attar/core/error.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/io/file.hpp>
#include <attar/io/gzip.hpp>

namespace attar {

/// The content of an IDX file: bytes in row-major order. Images have the sizes {count, rows, columns} or {count, rows,
/// columns, channels}, labels {count}.
struct IdxArray {
  std::vector<int> sizes;
  AlignedBuffer<std::uint8_t> values;
};

namespace detail {

/// Bytes in memory behind the same interface as `GzipReader`.
class PlainReader {
 public:
  PlainReader(std::span<const std::byte> bytes, std::string subject) : rest_{bytes}, subject_{std::move(subject)} {}

  [[nodiscard]] std::uint64_t most_bytes() const noexcept { return rest_.size(); }
  void read(std::span<std::byte> destination) {
    if (destination.size() > rest_.size())
      raise(Error{ErrorCode::file_damaged, subject_, std::to_string(destination.size()) + " more bytes",
                  std::to_string(rest_.size()) + " to the end of the file"});
    detail::copy(rest_.first(destination.size()), destination.begin());
    rest_ = rest_.subspan(destination.size());
  }
  void finish() const {
    if (!rest_.empty())
      raise(Error{ErrorCode::file_damaged, subject_, "the end of the file",
                  std::to_string(rest_.size()) + " bytes after the data"});
  }

 private:
  std::span<const std::byte> rest_;
  std::string subject_;
};

/// The sizes of the array, of which each must be positive: all that can be checked before memory is taken.
template <class Reader>
[[nodiscard]] std::vector<int> read_idx_sizes(Reader& reader, const std::string& subject) {
  std::array<std::byte, 4> head{};
  reader.read(head);
  const auto [zero0, zero1, type, count] = std::bit_cast<std::array<std::uint8_t, 4>>(head);
  if (zero0 != 0 || zero1 != 0)
    raise(Error{ErrorCode::file_damaged, subject, "an IDX file, which begins with two zero bytes",
                std::to_string(zero0) + " " + std::to_string(zero1)});
  if (type != 8)
    raise(Error{ErrorCode::unsupported, subject, "IDX type 8 (unsigned bytes)", "type " + std::to_string(type)});
  if (count < 1 || count > 4) raise(Error{ErrorCode::unsupported, subject, "1 to 4 dimensions", std::to_string(count)});
  std::vector<int> sizes;
  for (int i = 0; i < count; ++i) {
    std::array<std::byte, 4> digits{};
    reader.read(digits);
    std::uint32_t size = 0;
    for (const std::byte digit : digits) size = size << 8 | std::to_integer<std::uint32_t>(digit);
    if (size == 0 || size > static_cast<std::uint32_t>(std::numeric_limits<int>::max()))
      raise(Error{ErrorCode::file_damaged, subject, "sizes from 1 to 2^31 - 1", std::to_string(size)});
    sizes.push_back(static_cast<int>(size));
  }
  return sizes;
}

template <class Reader>
[[nodiscard]] IdxArray read_idx_array(Reader& reader, const std::string& subject) {
  auto sizes = read_idx_sizes(reader, subject);
  std::uint64_t bytes = 1;
  for (const int size : sizes) {
    // What the file can hold is below 2^63, so stopping there keeps the product from overflowing.
    if (bytes > reader.most_bytes() / static_cast<std::uint64_t>(size))
      raise(Error{ErrorCode::file_damaged, subject, "no more data than the file can hold",
                  "sizes whose product exceeds " + std::to_string(reader.most_bytes()) + " bytes"});
    bytes *= static_cast<std::uint64_t>(size);
  }
  AlignedBuffer<std::uint8_t> values{static_cast<std::size_t>(bytes)};
  reader.read(std::as_writable_bytes(values.span()));
  reader.finish();
  return {std::move(sizes), std::move(values)};
}

}  // namespace detail

/// The same as `read_idx` for a file in memory; `subject` is its name in messages.
[[nodiscard]] inline IdxArray parse_idx(std::span<const std::byte> file, const std::string& subject) {
  if (detail::is_gzip(file)) {
    detail::GzipReader reader{file, subject};
    return detail::read_idx_array(reader, subject);
  }
  detail::PlainReader reader{file, subject};
  return detail::read_idx_array(reader, subject);
}

/// Reads an IDX file (the format of MNIST, yann.lecun.com/exdb/mnist) of unsigned bytes, plain or packed by gzip, which
/// is told by its first bytes. The header is held against the file's length before memory is taken, and what it
/// declares is all that is unpacked. Throws `Error` with `file_not_found`, `file_access`, `file_damaged`, `unsupported`
/// (another element type) or `out_of_memory`.
[[nodiscard]] inline IdxArray read_idx(const std::string& path) {
  return parse_idx(read_file(path).span(), path);
}

}  // namespace attar
