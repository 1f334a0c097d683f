// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <attar/core/dtype.hpp>
#include <attar/core/error.hpp>
#include <attar/detail/compiled.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/io/checksum.hpp>
#include <attar/io/file.hpp>
#include <attar/io/safetensors_format.hpp>
#include <attar/io/safetensors_writer.hpp>

namespace attar {

namespace detail {

inline void check_entry(const TensorEntry& entry) {
  const auto fail = [&](std::string expected, std::string found) {
    raise(Error{ErrorCode::invalid_argument, "tensor '" + printable(entry.name) + "'", std::move(expected),
                std::move(found)});
  };
  if (entry.name == "__metadata__") fail("a name other than __metadata__", "it");
  std::uint64_t bytes = size_of(entry.dtype);
  for (const std::int64_t size : entry.shape) {
    if (size < 0 || __builtin_mul_overflow(bytes, static_cast<std::uint64_t>(size), &bytes))
      fail("sizes from 0 on whose product is below 2^64 bytes", std::to_string(size));
  }
  if (bytes != entry.data.size())
    fail(std::to_string(bytes) + " bytes of data by dtype and shape", std::to_string(entry.data.size()));
}

/// A tensor, and where its data begin in the file.
struct PlacedEntry {
  const TensorEntry* entry;
  std::uint64_t begin = 0;
};

inline void sort_by_name(std::vector<PlacedEntry>& placed) {
  std::sort(placed.begin(), placed.end(), [](const auto& a, const auto& b) { return a.entry->name < b.entry->name; });
  for (std::size_t i = 1; i < placed.size(); ++i) {
    if (placed[i].entry->name == placed[i - 1].entry->name)
      raise(Error{ErrorCode::invalid_argument, "tensor '" + printable(placed[i].entry->name) + "'", "each name once",
                  "it twice"});
  }
}

/// Text that grows value by value, each with the comma or colon that it needs.
class HeaderText {
 public:
  explicit HeaderText(std::string subject) : subject_{std::move(subject)} { writer_.StartObject(); }

  void add(const PlacedEntry& placed) {
    const TensorEntry& entry = *placed.entry;
    text(entry.name);
    writer_.StartObject();
    text("data_offsets");
    writer_.StartArray();
    writer_.Uint64(placed.begin);
    writer_.Uint64(placed.begin + entry.data.size());
    writer_.EndArray();
    text("dtype");
    text(safetensors_name(entry.dtype));
    text("shape");
    writer_.StartArray();
    for (const std::int64_t size : entry.shape) writer_.Int64(size);
    writer_.EndArray();
    writer_.EndObject();
  }

  void add(const Metadata& metadata) {
    text("__metadata__");
    writer_.StartObject();
    for (const auto& [key, value] : metadata) {
      text(key);
      text(value);
    }
    writer_.EndObject();
  }

  [[nodiscard]] std::string finish() {
    writer_.EndObject();
    return {buffer_.GetString(), buffer_.GetSize()};
  }

 private:
  /// A key or a value.
  void text(std::string_view of) {
    if (!writer_.String(of.data(), static_cast<rapidjson::SizeType>(of.size())))
      raise(Error{ErrorCode::invalid_argument, subject_, "names and metadata in UTF-8", "other bytes"});
  }

  using Utf8 = rapidjson::UTF8<>;
  std::string subject_;
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer, Utf8, Utf8, rapidjson::CrtAllocator, rapidjson::kWriteValidateEncodingFlag>
      writer_{buffer_};
};

/// The header with its length in front, padded so that the data which follow begin at a multiple of 64 bytes.
[[nodiscard]] inline std::string finish_header(std::string header) {
  header.resize((header.size() + 8 + 63) / 64 * 64 - 8, ' ');
  const std::size_t digits = find_header_checksum(header);
  header.replace(digits, 16, header_checksum(header, digits));
  const auto length = std::bit_cast<std::array<char, 8>>(std::uint64_t{header.size()});
  return std::string{length.data(), length.size()} + header;
}

}  // namespace detail

ATTAR_INLINE void write_safetensors(const std::string& path, std::span<const TensorEntry> entries, Metadata metadata) {
  std::vector<detail::PlacedEntry> placed;
  for (const auto& entry : entries) placed.push_back({&entry});
  std::sort(placed.begin(), placed.end(), [](const auto& a, const auto& b) {
    const auto size_a = size_of(a.entry->dtype);
    const auto size_b = size_of(b.entry->dtype);
    return size_a != size_b ? size_a > size_b : a.entry < b.entry;  // Both point into `entries`.
  });
  std::vector<std::span<const std::byte>> parts(1);
  std::uint64_t position = 0;
  for (detail::PlacedEntry& part : placed) {
    detail::check_entry(*part.entry);
    part.begin = position;
    position += part.entry->data.size();
    parts.push_back(part.entry->data);
  }
  detail::sort_by_name(placed);

  std::string checksums;
  for (const auto& part : placed) checksums += Checksum{}.add(part.entry->data).hex() + ' ';
  metadata.insert_or_assign(std::string{metadata_key::format}, std::string{detail::safetensors_format_version});
  metadata.insert_or_assign(std::string{metadata_key::header_checksum}, std::string(16, '0'));
  metadata.insert_or_assign(std::string{metadata_key::tensor_checksums}, std::move(checksums));

  detail::HeaderText header{path};
  header.add(metadata);
  for (const auto& part : placed) header.add(part);
  const std::string front = detail::finish_header(header.finish());
  parts.front() = std::as_bytes(std::span{front});
  write_file_atomically(path, detail::span_of(parts));
}

}  // namespace attar
